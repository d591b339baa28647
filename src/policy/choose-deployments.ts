import { orderCandidates, type OrderedCandidates, type Ordering } from './order-candidates.ts';
import { unwantedBy, type PriceOf } from './provider-preference.ts';
import type { AccessRules } from '../access/access-rules.ts';
import type { Exclusion } from '../access/approvals.ts';
import type { Candidate, Place } from '../fleet/candidate.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

export interface Demand extends Ordering {
  readonly model: string;
  /** Models to try in turn where that one has nobody, or no room. */
  readonly otherModels?: readonly string[] | undefined;
  /** What tokens cost where a deployment does not say it itself. */
  readonly priceOf?: PriceOf | undefined;
  /** What the caller may use: the hard filter before every other, whatever the reason of the try. Undefined: nothing restricts. */
  readonly rules: AccessRules | undefined;
  /** Request fields that are not in the published API: an endpoint must declare each. */
  readonly unpublishedFields: readonly string[];
  /** What of the request an endpoint would refuse or not heed; undefined where it takes all of it. */
  readonly refusedBy?: ((endpoint: Endpoint) => Refused | undefined) | undefined;
}

export interface ExcludedEndpoint extends Exclusion {
  readonly endpointId: string;
}

/** Why an endpoint cannot take a request as it is: it does not serve the route, or refuses a part of the body. */
export type Refused = { readonly what: 'route' } | { readonly what: 'member'; readonly path: string };

export type Choice =
  | OrderedCandidates
  | { readonly kind: 'unknown-model' }
  /** The caller's scope leaves out the model, whether or not there is one of this name. */
  | { readonly kind: 'out-of-scope' }
  /** Endpoints serve the model, but the caller's prompts may go to none of them. */
  | { readonly kind: 'not-approved'; readonly excluded: readonly ExcludedEndpoint[] }
  | { readonly kind: 'unknown-field'; readonly field: string }
  /** No endpoint of the model takes all of the request: what the first of them does not. */
  | { readonly kind: 'refused'; readonly refused: Refused }
  /** Every endpoint that works asked to be left alone; the first may be asked again in so long. */
  | { readonly kind: 'parked'; readonly releaseInMs: number }
  /** Whoever could serve it is at a cap on shares; there may be room in so long. */
  | { readonly kind: 'capped'; readonly releaseInMs: number }
  | { readonly kind: 'none-available'; readonly why: string; readonly releaseInMs: number };

/** At most this part of a model's endpoints is left out for failing; beyond it the best known are tried (fault 99). */
const mostEjected = 0.5;

/** The endpoints to try for a request, best first (`orderCandidates`), after all that leaves anybody out. */
export function chooseDeployments(all: readonly Candidate[], demand: Demand): Choice {
  const { rules } = demand;
  if (rules !== undefined && !rules.allowsModel(demand.model)) return { kind: 'out-of-scope' };
  const usual = usualChoice(all, demand);
  if (usual !== undefined) return usual;
  const known = all.filter((candidate) => candidate.deployment.model === demand.model);
  if (known.every(isMisconfigured)) return { kind: 'unknown-model' };
  const serving = approved(known, rules);
  if (serving.length === 0) return { kind: 'not-approved', excluded: excludedBy(rules, known) };
  const capable = serving.filter((candidate) => undeclaredField(candidate.endpoint, demand) === undefined);
  const [first] = serving;
  if (capable.length === 0 && first !== undefined) {
    return { kind: 'unknown-field', field: undeclaredField(first.endpoint, demand) ?? '' };
  }
  const takers = demand.refusedBy === undefined ? capable : capable.filter(({ endpoint }) => demand.refusedBy?.(endpoint) === undefined);
  const refused = takers.length === 0 && capable[0] !== undefined ? demand.refusedBy?.(capable[0].endpoint) : undefined;
  if (refused !== undefined) return { kind: 'refused', refused };
  const wanted = takers.filter((candidate) => isWanted(candidate, demand));
  if (wanted.length === 0) return { kind: 'none-available', why: 'The request’s `provider` leaves no endpoint of this model.', releaseInMs: 0 };
  const reachable = wanted.filter((candidate) => reachableStates.has(candidate.state) && !isMisconfigured(candidate));
  if (reachable.length === 0) return { kind: 'none-available', why: 'Every endpoint of this model is down or unplugged.', releaseInMs: 0 };
  const open = reachable.filter(({ state }) => state === 'ready' || state === 'trial');
  const parked = reachable.filter(({ state }) => state === 'parked');
  if (open.length === 0 && parked.length > 0) return { kind: 'parked', releaseInMs: soonest(parked) };
  const failing = despiteFailures(reachable, open.length === 0);
  const candidates = orderCandidates(open, failing, demand);
  if (candidates !== undefined) return candidates;
  if (demand.ranker !== undefined && open.length + failing.length > 0)
    return { kind: 'capped', releaseInMs: demand.ranker.roomInMs([...open, ...failing]) };
  return { kind: 'none-available', why: 'Every endpoint of this model waits for its operator.', releaseInMs: soonest(reachable) };
}

/** The choice where somebody who fits is well and nobody who fits is ejected, which is nearly always: by one pass over all. */
function usualChoice(all: readonly Candidate[], demand: Demand): OrderedCandidates | undefined {
  let { model } = demand;
  /** Undefined as long as all are open, so that nothing is copied where they all are. */
  let open: Candidate[] | undefined;
  for (let index = 0; index < all.length; index += 1) {
    const candidate = all[index];
    if (candidate === undefined) continue;
    const { state } = candidate;
    const isServing = candidate.deployment.model === model && (state === 'ready' || state === 'trial' || state === 'ejected');
    if (!isServing || !fits(candidate, demand)) {
      open ??= all.slice(0, index);
      continue;
    }
    if (state === 'ejected') return undefined;
    // The same name in the fleet's own text: a name is compared much faster with itself than with one that a client sent.
    ({ model } = candidate.deployment);
    open?.push(candidate);
  }
  const found = open ?? all;
  return found.length === 0 ? undefined : orderCandidates(found, none, demand);
}

const none: readonly Candidate[] = [];

/** Whether nothing but its state keeps a deployment of the model from the request. */
export function fits(candidate: Place, demand: Omit<Demand, 'turn'>): boolean {
  const { endpoint } = candidate;
  return (
    isApproved(endpoint, demand.rules) &&
    undeclaredField(endpoint, demand) === undefined &&
    demand.refusedBy?.(endpoint) === undefined &&
    isWanted(candidate, demand)
  );
}

/** Whether the caller's prompts may go there: the one place that decides it, for every reason there is to try somebody. */
function isApproved(endpoint: Endpoint, rules: AccessRules | undefined): boolean {
  return rules?.exclusion(endpoint) === undefined;
}

export function approved(candidates: readonly Candidate[], rules: AccessRules | undefined): readonly Candidate[] {
  return rules === undefined ? candidates : candidates.filter(({ endpoint }) => isApproved(endpoint, rules));
}

function excludedBy(rules: AccessRules | undefined, candidates: readonly Candidate[]): readonly ExcludedEndpoint[] {
  return candidates.flatMap(({ endpoint }) => {
    const exclusion = rules?.exclusion(endpoint);
    return exclusion === undefined ? [] : [{ ...exclusion, endpointId: endpoint.id }];
  });
}

const reachableStates: ReadonlySet<Candidate['state']> = new Set(['ready', 'trial', 'parked', 'ejected']);

/** Left out until it is discovered again, or until its trial is due. */
export function isMisconfigured({ state, cause }: Candidate): boolean {
  return state === 'ejected' && cause === 'misconfigured';
}

function soonest(candidates: readonly Candidate[]): number {
  return Math.min(...candidates.map(({ releaseInMs }) => releaseInMs));
}

/** The panic rule: who is tried although it is ejected, the soonest to be released first, because it failed least. */
function despiteFailures(reachable: readonly Candidate[], nobodyElse: boolean): readonly Candidate[] {
  const ejected = reachable.filter(({ state }) => state === 'ejected');
  if (ejected.length === 0) return ejected;
  const tooMany = ejected.length - Math.floor(reachable.length * mostEjected);
  const failing = ejected.filter(({ cause }) => cause === 'failing').toSorted((a, b) => a.releaseInMs - b.releaseInMs);
  return nobodyElse ? failing : failing.slice(0, Math.max(0, tooMany));
}

type Fielded = Pick<Demand, 'unpublishedFields' | 'provider'>;

export function undeclaredField({ passUnknownFields, extensions }: Endpoint, { unpublishedFields, provider }: Fielded): string | undefined {
  if (unpublishedFields.length === 0 || (passUnknownFields && provider?.requireParameters !== true)) return undefined;
  return unpublishedFields.find((field) => !extensions.includes(field));
}

function isWanted(candidate: Place, { provider, priceOf }: Pick<Demand, 'provider' | 'priceOf'>): boolean {
  return unwantedBy(candidate, provider, priceOf) === undefined;
}
