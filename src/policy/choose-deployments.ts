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
  | { readonly kind: 'none-available'; readonly why: string };

/**
 * The endpoints to try for a request, best first: those preferred by name, then real silicon before emulated, then
 * the least loaded. An ejected endpoint is tried only where nothing else is left (the panic rule, fault 99).
 */
export function chooseDeployments(all: readonly Candidate[], demand: Demand): Choice {
  const serving = all.filter((candidate) => candidate.deployment.model === demand.model);
  if (serving.length === 0) return { kind: 'unknown-model' };
  const capable = serving.filter((candidate) => undeclaredField(candidate.endpoint, demand.unpublishedFields) === undefined);
  const [first] = serving;
  if (capable.length === 0 && first !== undefined) {
    return { kind: 'unknown-field', field: undeclaredField(first.endpoint, demand.unpublishedFields) ?? '' };
  }
  const wanted = capable.filter((candidate) => isWanted(candidate.endpoint, demand));
  if (wanted.length === 0) return { kind: 'none-available', why: 'The request’s `provider` leaves no endpoint of this model.' };
  const reachable = wanted.filter(({ state }) => state === 'ready' || state === 'ejected');
  if (reachable.length === 0) return { kind: 'none-available', why: 'Every endpoint of this model is down or unplugged.' };
  const ready = reachable.filter(({ state }) => state === 'ready');
  return { kind: 'candidates', candidates: inOrder(ready.length > 0 ? ready : reachable, demand) };
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

function inOrder(candidates: readonly Candidate[], demand: Demand): readonly Candidate[] {
  const order = demand.provider?.order ?? [];
  const rank = ({ endpoint }: Candidate): number => {
    const at = names(endpoint, order);
    return at < 0 ? order.length : at;
  };
  const emulated = ({ endpoint }: Candidate): number => (endpoint.silicon.evidence === 'emulated' ? 1 : 0);
  const turned = candidates.map((candidate, index) => ({
    candidate,
    turn: (index + candidates.length - (demand.turn % candidates.length)) % candidates.length,
  }));
  turned.sort(
    (a, b) =>
      rank(a.candidate) - rank(b.candidate) ||
      emulated(a.candidate) - emulated(b.candidate) ||
      a.candidate.running - b.candidate.running ||
      a.turn - b.turn,
  );
  return turned.map(({ candidate }) => candidate);
}
