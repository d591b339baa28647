import type { SloClass } from '../fleet-spec.ts';
import type { Trace, TraceRequest } from '../trace/trace.ts';

/** Requests that are much alike: each figure is the least among them, so that none is charged too much. */
export interface DemandBucket {
  readonly window: number;
  readonly slo: SloClass;
  count: number;
  /** Prompt tokens that nobody can have computed before: a block is fresh to whoever brings it first. */
  freshTokens: number;
  promptTokens: number;
  outputTokens: number;
  prefillPairs: number;
  /** Prompt tokens that no other request of the trace has, so that nobody can share their memory. */
  privateTokens: number;
  /** When the last of them must have its first token to be good, and when it must be whole. */
  firstDeadlineMs: number;
  deadlineMs: number;
}

export interface Demand {
  readonly buckets: readonly DemandBucket[];
  readonly windowMs: number;
  readonly windows: number;
  readonly requests: number;
  readonly endMs: number;
}

const freshRatio = 1.2;
const promptRatio = 1.5;

/**
 * What a trace asks for, with true lengths and ideal prefix hits (any beginning that anybody brought before, at
 * whatever replica, kept for ever).
 */
export function bucketDemand(requests: readonly TraceRequest[], classes: readonly SloClass[], windows: number): Demand {
  const endMs = requests.at(-1)?.atMs ?? 0;
  const windowMs = Math.max(1, (endMs + 1) / windows);
  const slos = new Map(classes.map((slo) => [slo.name, slo]));
  const seen = new Set<number>();
  const users = usersOf(requests);
  const buckets = new Map<string, DemandBucket>();
  for (const request of requests) {
    const slo = slos.get(request.sloClass) ?? { name: request.sloClass, ttftMs: Infinity, tpotMs: Infinity };
    const { promptTokens, outputTokens, atMs } = request;
    const cached = idealHits(request, seen) * request.prefixBlockTokens;
    const freshTokens = promptTokens - cached;
    const window = Math.min(windows - 1, Math.floor(atMs / windowMs));
    const key = [window, slo.name, bin(freshTokens, freshRatio), bin(outputTokens, freshRatio), bin(promptTokens, promptRatio)].join(' ');
    const firstDeadlineMs = atMs + slo.ttftMs;
    const deadlineMs = atMs + Math.min(slo.totalMs ?? Infinity, slo.ttftMs + slo.tpotMs * (outputTokens - 1));
    const bucket = buckets.get(key);
    const prefillPairs = (promptTokens * promptTokens - cached * cached) / 2;
    const privateTokens = promptTokens - sharedBlocks(request, users) * request.prefixBlockTokens;
    if (bucket === undefined)
      buckets.set(key, { window, slo, count: 1, freshTokens, promptTokens, outputTokens, prefillPairs, privateTokens, firstDeadlineMs, deadlineMs });
    else {
      bucket.count += 1;
      bucket.freshTokens = Math.min(bucket.freshTokens, freshTokens);
      bucket.promptTokens = Math.min(bucket.promptTokens, promptTokens);
      bucket.outputTokens = Math.min(bucket.outputTokens, outputTokens);
      bucket.prefillPairs = Math.min(bucket.prefillPairs, prefillPairs);
      bucket.privateTokens = Math.min(bucket.privateTokens, privateTokens);
      bucket.firstDeadlineMs = Math.max(bucket.firstDeadlineMs, firstDeadlineMs);
      bucket.deadlineMs = Math.max(bucket.deadlineMs, deadlineMs);
    }
  }
  return { buckets: [...buckets.values()], windowMs, windows, requests: requests.length, endMs };
}

/** The whole of a trace that is short enough to be bounded. */
export function collectTrace(trace: Trace): readonly TraceRequest[] {
  const requests: TraceRequest[] = [];
  for (let next = trace.next(); next.done !== true; next = trace.next()) requests.push(next.value);
  return requests;
}

function idealHits({ prefixHashes, promptTokens, prefixBlockTokens }: TraceRequest, seen: Set<number>): number {
  let hits = 0;
  while (hits < prefixHashes.length && seen.has(prefixHashes[hits] ?? 0)) hits += 1;
  for (const hash of prefixHashes) seen.add(hash);
  return Math.min(hits, Math.floor((promptTokens - 1) / prefixBlockTokens));
}

/** How many requests bring each block. */
function usersOf(requests: readonly TraceRequest[]): ReadonlyMap<number, number> {
  const users = new Map<number, number>();
  for (const { prefixHashes } of requests) for (const hash of prefixHashes) users.set(hash, (users.get(hash) ?? 0) + 1);
  return users;
}

function sharedBlocks({ prefixHashes }: TraceRequest, users: ReadonlyMap<number, number>): number {
  let count = 0;
  for (const hash of prefixHashes) if ((users.get(hash) ?? 0) > 1) count += 1;
  return count;
}

function bin(value: number, ratio: number): number {
  return Math.floor(Math.log(Math.max(1, value)) / Math.log(ratio));
}
