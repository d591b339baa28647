import { fileURLToPath } from 'node:url';
import { collectTrace } from '../../src/simulate/bound/demand-buckets.ts';
import { openTrace, type TraceOrigin } from '../../src/cli/simulate/open-trace.ts';

export interface Workload {
  readonly name: string;
  readonly file: string;
  /** Requests in the file. */
  readonly size: number;
  readonly ttftMs: number;
  readonly tpotMs: number;
}

/**
 * SLOs: faster than people read, and twice and five times as patient where prompts are ten times as long. (A first try
 * with 5 s and 50 ms for the second trace could be kept by nobody: a step of 2,048 prompt tokens alone takes longer.)
 */
export const workloads: readonly Workload[] = [
  { name: 'Azure conversation', file: 'azure-conversation-2023.csv.gz', size: 19_366, ttftMs: 2000, tpotMs: 50 },
  { name: 'Mooncake conversation', file: 'mooncake-conversation.jsonl.gz', size: 12_031, ttftMs: 10_000, tpotMs: 100 },
];

/** Each seed begins at another place of the trace, and varies its gaps. */
export function originOf({ file, size }: Workload, requests: number, seed: number): TraceOrigin {
  return { kind: 'file', path: fileURLToPath(new URL(`../traces/${file}`, import.meta.url)), skip: (seed * 977) % (size - requests) };
}

/** How many times as fast a seed's stretch must be played for one request a second: stretches of a trace are busier than others. */
export function speedPerRate(workload: Workload, requests: number, seed: number): number {
  const trace = openTrace(originOf(workload, requests, seed), { requests, load: 1, seed, sloClass: 'interactive' });
  return (collectTrace(trace).at(-1)?.atMs ?? 0) / 1000 / requests;
}
