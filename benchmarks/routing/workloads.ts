import { fileURLToPath } from 'node:url';
import { collectTrace } from '../../src/simulate/bound/demand-buckets.ts';
import { openTrace, type TraceOrigin } from '../../src/cli/simulate/open-trace.ts';

export interface Workload {
  readonly name: string;
  readonly file: string;
  /** Requests in the file. */
  readonly size: number;
  /** Requests of a run. */
  readonly requests: number;
  /** Nobody is judged on the file's requests from this one on, and nobody is tuned on those before it. */
  readonly tuneFrom: number;
  readonly ttftMs: number;
  readonly tpotMs: number;
}

/**
 * SLOs: faster than people read, and twice and five times as patient where prompts are ten times as long. (A first try
 * with 5 s and 50 ms for the second trace could be kept by nobody: a step of 2,048 prompt tokens alone takes longer.)
 */
const whole: readonly Workload[] = [
  { name: 'Azure conversation', file: 'azure-conversation-2023.csv.gz', size: 19_366, requests: 4000, tuneFrom: 15_000, ttftMs: 2000, tpotMs: 50 },
  {
    name: 'Mooncake conversation',
    file: 'mooncake-conversation.jsonl.gz',
    size: 12_031,
    requests: 2500,
    tuneFrom: 9000,
    ttftMs: 10_000,
    tpotMs: 100,
  },
];

/** The traces, or short stretches of them. */
export function workloadsOf(isQuick: boolean): readonly Workload[] {
  return isQuick ? whole.map((workload) => ({ ...workload, requests: 1000 })) : whole;
}

/** Seeds from here on are for tuning. */
export const firstTuningSeed = 1001;
/** Multiples of the golden ratio lie as evenly as can be, however many there are. */
const golden = 0.618_034;

/** Each seed begins at another place of its part of the trace, and varies its gaps. */
export function originOf({ file, size, requests, tuneFrom }: Workload, seed: number): TraceOrigin {
  const [from, to] = seed >= firstTuningSeed ? [tuneFrom, size] : [0, tuneFrom];
  const skip = from + Math.floor(((seed * golden) % 1) * (to - from - requests));
  return { kind: 'file', path: fileURLToPath(new URL(`../traces/${file}`, import.meta.url)), skip };
}

/** How many times as fast a seed's stretch must be played for one request a second: stretches of a trace are busier than others. */
export function speedPerRate(workload: Workload, seed: number): number {
  const { requests } = workload;
  const trace = openTrace(originOf(workload, seed), { requests, load: 1, seed, sloClass: 'interactive' });
  return (collectTrace(trace).at(-1)?.atMs ?? 0) / 1000 / requests;
}
