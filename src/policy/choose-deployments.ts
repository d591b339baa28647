import type { Candidate } from '../fleet/candidate.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

export interface Demand {
  readonly model: string;
  /** Endpoint ids or vendors. `order` prefers, `only` restricts, `ignore` excludes. */
  readonly provider: { readonly only: readonly string[]; readonly order: readonly string[]; readonly ignore: readonly string[] } | undefined;
  /** Request fields that are not in the published API: an endpoint must declare each. */
  readonly unpublishedFields: readonly string[];
  /** Breaks ties, so that equals take turns: the number of requests chosen before this one. */
  readonly turn: number;
}

export type Choice =
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'unknown-model' }
  | { readonly kind: 'unknown-field'; readonly field: string }
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
  const serving = all.filter((candidate) => candidate.deployment.model === demand.model);
  if (serving.every(isMisconfigured)) return { kind: 'unknown-model' };
  const capable = serving.filter((candidate) => undeclaredField(candidate.endpoint, demand.unpublishedFields) === undefined);
  const [first] = serving;
  if (capable.length === 0 && first !== undefined) {
    return { kind: 'unknown-field', field: undeclaredField(first.endpoint, demand.unpublishedFields) ?? '' };
  }
  const wanted = capable.filter((candidate) => isWanted(candidate.endpoint, demand));
  if (wanted.length === 0) return { kind: 'none-available', why: 'The request’s `provider` leaves no endpoint of this model.', releaseInMs: 0 };
  const reachable = wanted.filter((candidate) => reachableStates.has(candidate.state) && !isMisconfigured(candidate));
  if (reachable.length === 0) return { kind: 'none-available', why: 'Every endpoint of this model is down or unplugged.', releaseInMs: 0 };
  const open = reachable.filter(({ state }) => state === 'ready' || state === 'trial');
  const parked = reachable.filter(({ state }) => state === 'parked');
  if (open.length === 0 && parked.length > 0) return { kind: 'parked', releaseInMs: soonest(parked) };
  const candidates = [...inOrder(open, demand), ...despiteFailures(reachable, open.length === 0)];
  if (candidates.length > 0) return { kind: 'candidates', candidates };
  return { kind: 'none-available', why: 'Every endpoint of this model waits for its operator.', releaseInMs: soonest(reachable) };
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
  const tooMany = ejected.length - Math.floor(reachable.length * mostEjected);
  const failing = ejected.filter(({ cause }) => cause === 'failing').toSorted((a, b) => a.releaseInMs - b.releaseInMs);
  return nobodyElse ? failing : failing.slice(0, Math.max(0, tooMany));
}

function undeclaredField(endpoint: Endpoint, fields: readonly string[]): string | undefined {
  return endpoint.passUnknownFields ? undefined : fields.find((field) => !endpoint.extensions.includes(field));
}

function names(endpoint: Endpoint, list: readonly string[]): number {
  return list.findIndex((name) => name === endpoint.id || name === endpoint.silicon.vendor);
}

function isWanted(endpoint: Endpoint, { provider }: Demand): boolean {
  if (provider === undefined) return true;
  if (provider.only.length > 0 && names(endpoint, provider.only) < 0) return false;
  return names(endpoint, provider.ignore) < 0;
}

/** What a candidate is sorted by; worked out once, because fleets may be large. */
function sortKeys(candidate: Candidate, turn: number, demand: Demand) {
  const { endpoint, state, weight, penalised } = candidate;
  const order = demand.provider?.order ?? [];
  const at = order.length === 0 ? -1 : names(endpoint, order);
  const isDrawn = weight >= 1 || (demand.turn * goldenRatio) % 1 < weight;
  return {
    candidate,
    preference: at < 0 ? order.length : at,
    emulated: endpoint.silicon.evidence === 'emulated' ? 1 : 0,
    standing: state === 'trial' ? 0 : penalised || !isDrawn ? 2 : 1,
    turn,
  };
}

function inOrder(candidates: readonly Candidate[], demand: Demand): readonly Candidate[] {
  const count = candidates.length;
  return candidates
    .map((candidate, index) => sortKeys(candidate, (index + count - (demand.turn % count)) % count, demand))
    .toSorted(
      (a, b) =>
        a.preference - b.preference ||
        a.emulated - b.emulated ||
        a.standing - b.standing ||
        a.candidate.running - b.candidate.running ||
        a.turn - b.turn,
    )
    .map(({ candidate }) => candidate);
}
