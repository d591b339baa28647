import type { AccessRules } from '../access/access-rules.ts';
import type { Exclusion } from '../access/approvals.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { Ask } from './choice/ask.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { PredictiveChoice } from './choice/predictive-choice.ts';

export interface Demand {
  readonly model: string;
  /** Endpoint ids or vendors. `order` prefers, `only` restricts, `ignore` excludes. */
  readonly provider: { readonly only: readonly string[]; readonly order: readonly string[]; readonly ignore: readonly string[] } | undefined;
  /** What the caller may use: the hard filter before every other, whatever the reason of the try. Undefined: nothing restricts. */
  readonly rules: AccessRules | undefined;
  /** Request fields that are not in the published API: an endpoint must declare each. */
  readonly unpublishedFields: readonly string[];
  /** What of the request an endpoint would refuse or not heed; undefined where it takes all of it. */
  readonly refusedBy?: (endpoint: Endpoint) => Refused | undefined;
  /** Breaks ties, so that equals take turns: the number of requests chosen before this one. */
  readonly turn: number;
  /** Ranks those that nothing else tells apart; undefined: the least loaded first. */
  readonly prediction?: Prediction | undefined;
}

/** Who ranks equals by what they would make of a request, and what is known of it. */
export interface Prediction {
  readonly by: Pick<PredictiveChoice, 'rank' | 'admitted'>;
  readonly ask: Ask;
  readonly nowMs: number;
}

export interface ExcludedEndpoint extends Exclusion {
  readonly endpointId: string;
}

/** Why an endpoint cannot take a request as it is: it does not serve the route, or refuses a part of the body. */
export type Refused = { readonly what: 'route' } | { readonly what: 'member'; readonly path: string };

export type Choice =
  | { readonly kind: 'candidates'; readonly first: Candidate; readonly candidates: readonly Candidate[] }
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
  | { readonly kind: 'none-available'; readonly why: string; readonly releaseInMs: number };

/** At most this part of a model's endpoints is left out for failing; beyond it the best known are tried (fault 99). */
const mostEjected = 0.5;
/** Multiples of it, without their whole part, fall evenly between 0 and 1: so shares are exact and need no chance. */
const goldenRatio = 0.618_033_988_749_895;

/**
 * The endpoints to try for a request, best first: those preferred by name, then real silicon before emulated, then one
 * whose trial is due, then those that neither warm up nor refused lately, then the least loaded.
 */
export function chooseDeployments(all: readonly Candidate[], demand: Demand): Choice {
  const { rules } = demand;
  if (rules !== undefined && !rules.allowsModel(demand.model)) return { kind: 'out-of-scope' };
  const known = all.filter((candidate) => candidate.deployment.model === demand.model);
  if (known.every(isMisconfigured)) return { kind: 'unknown-model' };
  const serving = approved(known, rules);
  if (serving.length === 0) return { kind: 'not-approved', excluded: excludedBy(rules, known) };
  const capable = serving.filter((candidate) => undeclaredField(candidate.endpoint, demand.unpublishedFields) === undefined);
  const [first] = serving;
  if (capable.length === 0 && first !== undefined) {
    return { kind: 'unknown-field', field: undeclaredField(first.endpoint, demand.unpublishedFields) ?? '' };
  }
  const takers = demand.refusedBy === undefined ? capable : capable.filter(({ endpoint }) => demand.refusedBy?.(endpoint) === undefined);
  const refused = takers.length === 0 && capable[0] !== undefined ? demand.refusedBy?.(capable[0].endpoint) : undefined;
  if (refused !== undefined) return { kind: 'refused', refused };
  const wanted = takers.filter((candidate) => isWanted(candidate.endpoint, demand));
  if (wanted.length === 0) return { kind: 'none-available', why: 'The request’s `provider` leaves no endpoint of this model.', releaseInMs: 0 };
  const reachable = wanted.filter((candidate) => reachableStates.has(candidate.state) && !isMisconfigured(candidate));
  if (reachable.length === 0) return { kind: 'none-available', why: 'Every endpoint of this model is down or unplugged.', releaseInMs: 0 };
  const open = reachable.filter(({ state }) => state === 'ready' || state === 'trial');
  const parked = reachable.filter(({ state }) => state === 'parked');
  if (open.length === 0 && parked.length > 0) return { kind: 'parked', releaseInMs: soonest(parked) };
  const candidates = ordered(withinCaps(open, demand.prediction), despiteFailures(reachable, open.length === 0), demand);
  if (candidates !== undefined) return candidates;
  return { kind: 'none-available', why: 'Every endpoint of this model waits for its operator.', releaseInMs: soonest(reachable) };
}

/** Those to whom the caller's prompts may go: the one place that decides it, for every reason there is to try somebody. */
export function approved(candidates: readonly Candidate[], rules: AccessRules | undefined): readonly Candidate[] {
  return rules === undefined ? candidates : candidates.filter(({ endpoint }) => rules.exclusion(endpoint) === undefined);
}

function excludedBy(rules: AccessRules | undefined, candidates: readonly Candidate[]): readonly ExcludedEndpoint[] {
  return candidates.flatMap(({ endpoint }) => {
    const exclusion = rules?.exclusion(endpoint);
    return exclusion === undefined ? [] : [{ ...exclusion, endpointId: endpoint.id }];
  });
}

/** Those to whom hard caps leave room. Where that is nobody, caps yield: they are there to survive a loss, not to be one. */
function withinCaps(open: readonly Candidate[], prediction: Prediction | undefined): readonly Candidate[] {
  if (prediction === undefined) return open;
  const admitted = prediction.by.admitted(open, prediction.ask, prediction.nowMs);
  return admitted.length === 0 ? open : admitted;
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

export function undeclaredField(endpoint: Endpoint, fields: readonly string[]): string | undefined {
  return endpoint.passUnknownFields || fields.length === 0 ? undefined : fields.find((field) => !endpoint.extensions.includes(field));
}

function names(endpoint: Endpoint, list: readonly string[]): number {
  return list.findIndex((name) => name === endpoint.id || name === endpoint.silicon.vendor);
}

export function isWanted(endpoint: Endpoint, { provider }: Pick<Demand, 'provider'>): boolean {
  if (provider === undefined) return true;
  if (provider.only.length > 0 && names(endpoint, provider.only) < 0) return false;
  return names(endpoint, provider.ignore) < 0;
}

/** What a candidate is sorted by; worked out once, because fleets may be large. */
interface SortKeys {
  readonly candidate: Candidate;
  readonly preference: number;
  readonly emulated: number;
  readonly standing: number;
  readonly turn: number;
}

function sortKeys(candidate: Candidate, turn: number, demand: Demand): SortKeys {
  const { endpoint, state, weight, penalised } = candidate;
  const order = demand.provider?.order;
  const at = order === undefined || order.length === 0 ? -1 : names(endpoint, order);
  const isDrawn = weight >= 1 || (demand.turn * goldenRatio) % 1 < weight;
  return {
    candidate,
    preference: at < 0 ? (order?.length ?? 0) : at,
    emulated: endpoint.silicon.evidence === 'emulated' ? 1 : 0,
    standing: state === 'trial' ? 0 : penalised || !isDrawn ? 2 : 1,
    turn,
  };
}

/** By all that goes before speed and load. */
function byClass(a: SortKeys, b: SortKeys): number {
  return a.preference - b.preference || a.emulated - b.emulated || a.standing - b.standing;
}

function byKeys(a: SortKeys, b: SortKeys): number {
  return byClass(a, b) || a.candidate.running - b.candidate.running || a.turn - b.turn;
}

function keysOf(candidates: readonly Candidate[], demand: Demand): SortKeys[] {
  const count = candidates.length;
  return candidates.map((candidate, index) => sortKeys(candidate, (index + count - (demand.turn % count)) % count, demand));
}

/** The candidates in their order. Nearly every request asks only who is first, which takes no sorting. */
class Ordered {
  readonly kind = 'candidates';
  readonly first: Candidate;
  readonly #open: SortKeys[];
  readonly #afterThem: readonly Candidate[];
  readonly #prediction: Prediction | undefined;

  constructor(first: Candidate, open: SortKeys[], afterThem: readonly Candidate[], prediction: Prediction | undefined) {
    this.first = first;
    this.#open = open;
    this.#afterThem = afterThem;
    this.#prediction = prediction;
  }

  get candidates(): readonly Candidate[] {
    const sorted = this.#open.toSorted(byKeys);
    const ranked = this.#prediction === undefined ? sorted.map(({ candidate }) => candidate) : rankedByClass(sorted, this.#prediction);
    // Chance may rank anew otherwise than it chose.
    return [this.first, ...ranked, ...this.#afterThem].filter((candidate, index) => index === 0 || candidate !== this.first);
  }
}

function rankedByClass(sorted: readonly SortKeys[], { by, ask, nowMs }: Prediction): readonly Candidate[] {
  const ranked: Candidate[] = [];
  for (let from = 0; from < sorted.length;) {
    const [head] = sorted.slice(from, from + 1);
    if (head === undefined) break;
    const equals = sorted
      .slice(from)
      .filter((key) => byClass(key, head) === 0)
      .map(({ candidate }) => candidate);
    ranked.push(...(by.rank(equals, ask, nowMs)?.candidates ?? []));
    from += equals.length;
  }
  return ranked;
}

function ordered(open: readonly Candidate[], afterThem: readonly Candidate[], demand: Demand): Ordered | undefined {
  const { prediction } = demand;
  const keys = keysOf(open, demand);
  let best = keys[0];
  for (const key of keys) if (best !== undefined && byKeys(key, best) < 0) best = key;
  const first = best === undefined ? afterThem[0] : prediction === undefined ? best.candidate : firstOf(keys, best, prediction);
  return first === undefined ? undefined : new Ordered(first, keys, afterThem, prediction);
}

/** Of those that stand like the best, the one that is predicted to be. */
function firstOf(keys: readonly SortKeys[], best: SortKeys, { by, ask, nowMs }: Prediction): Candidate {
  const equals: Candidate[] = [];
  for (const key of keys) if (byClass(key, best) === 0) equals.push(key.candidate);
  return by.rank(equals, ask, nowMs)?.first ?? best.candidate;
}
