import type { EndpointStatus } from '../../fleet/fleet.ts';

/** What one process says of itself by `GET /control/v1/status`. */
export interface ProcessStatus {
  readonly version: string;
  readonly startedAtWallMs: number;
  readonly uptimeMs: number;
  readonly endpoints: readonly EndpointStatus[];
  readonly models: readonly string[];
  readonly ledger: Readonly<Record<string, unknown>>;
  readonly idempotency: Readonly<Record<string, number>>;
  /** Null where conversations are not kept. */
  readonly storedResponses: Readonly<Record<string, number>> | null;
  readonly probableRetries: number;
  readonly processes: readonly ProcessEntry[];
}

export interface ProcessEntry {
  readonly process: number;
  /** Null where it did not answer in time. */
  readonly pid: number | null;
  /** Answers that its endpoints work on. */
  readonly running: number;
}

/** From the best to the worst: what several processes see differently is shown as the worst of them sees it. */
const states: readonly EndpointStatus['state'][] = ['ready', 'trial', 'starting', 'parked', 'ejected', 'down', 'unplugged'];

/** One status of several processes, the asked one first: sums of what they count, the worst of what they see. */
export function jointStatus(own: ProcessStatus, others: readonly ProcessStatus[], count: number): ProcessStatus {
  const all = [own, ...others];
  const known = new Map(all.flatMap(({ processes }) => processes.map((entry) => [entry.process, entry])));
  return {
    ...own,
    startedAtWallMs: Math.min(...all.map(({ startedAtWallMs }) => startedAtWallMs)),
    uptimeMs: Math.max(...all.map(({ uptimeMs }) => uptimeMs)),
    endpoints: jointEndpoints(all.map(({ endpoints }) => endpoints)),
    models: [...new Set(all.flatMap(({ models }) => models))],
    ledger: all.map(({ ledger }) => ledger).reduce(added),
    idempotency: sums(all.map(({ idempotency }) => idempotency)),
    storedResponses: own.storedResponses && sums(all.flatMap(({ storedResponses: kept }) => (kept === null ? [] : [kept]))),
    probableRetries: all.reduce((sum, { probableRetries }) => sum + probableRetries, 0),
    processes: Array.from({ length: count }, (_, process) => known.get(process) ?? { process, pid: null, running: 0 }),
  };
}

/** The same endpoints as each process sees them, joined by id, in the order of the first. */
export function jointEndpoints(seen: readonly (readonly EndpointStatus[])[]): readonly EndpointStatus[] {
  const joint = new Map<string, EndpointStatus>();
  for (const endpoint of seen.flat()) {
    const known = joint.get(endpoint.id);
    joint.set(endpoint.id, known === undefined ? endpoint : worse(known, endpoint));
  }
  return [...joint.values()];
}

function worse(one: EndpointStatus, other: EndpointStatus): EndpointStatus {
  const shown = states.indexOf(other.state) > states.indexOf(one.state) ? other : one;
  const faults = [one.lastFault, other.lastFault].flatMap((fault) => fault ?? []);
  return {
    ...shown,
    running: one.running + other.running,
    models: [...new Set([...one.models, ...other.models])],
    lastFault: faults.toSorted((a, b) => b.atWallMs - a.atWallMs)[0] ?? null,
  };
}

/** Numbers are added; of anything else, such as a failure's text, what somebody has stands for all. */
function added(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(
    names.map((name) => {
      const [first, second] = [one[name], other[name]];
      return [name, typeof first === 'number' && typeof second === 'number' ? first + second : (first ?? second)];
    }),
  );
}

function sums(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const one of all) for (const [name, value] of Object.entries(one)) total[name] = (total[name] ?? 0) + value;
  return total;
}
