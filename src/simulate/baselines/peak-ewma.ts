import { canTake } from './can-take.ts';
import { drawWhole } from '../trace/draw.ts';
import type { Random } from '../../std/random.ts';
import type { ReplicaView, Router } from '../router.ts';

export interface PeakEwmaOptions {
  readonly replicas: number;
  /** A latency loses 1 − 1/e of its weight in so long; a higher one counts at once. */
  readonly decayMs: number;
  /** What the latency is: until the first token, or until the end. */
  readonly of: 'ttft' | 'total';
  readonly random: Random;
}

/** The better of two drawn at random, by (latency, peaks at once and decay slowly) × (requests in flight + 1), as Finagle and Linkerd do. */
export function peakEwma({ replicas, decayMs, of, random }: PeakEwmaOptions): Router {
  const latencyMs = new Float64Array(replicas);
  const atMs = new Float64Array(replicas);
  const observe = (index: number, foundMs: number, nowMs: number): void => {
    const kept = Math.exp(-(nowMs - (atMs[index] ?? 0)) / decayMs);
    const before = latencyMs[index] ?? 0;
    latencyMs[index] = foundMs > before ? foundMs : before * kept + foundMs * (1 - kept);
    atMs[index] = nowMs;
  };
  const cost = ({ index, running }: ReplicaView, nowMs: number): number => {
    const kept = Math.exp(-(nowMs - (atMs[index] ?? 0)) / decayMs);
    // A place that nobody knows is tried, but not with everything at once.
    return Math.max(1, (latencyMs[index] ?? 0) * kept) * (running + 1);
  };
  return {
    choose: (arrival, fleet, nowMs) => {
      const open = fleet.filter((view) => canTake(view, arrival));
      const first = open[drawWhole(random, open.length)];
      const second = open[drawWhole(random, open.length)];
      if (first === undefined || second === undefined) return undefined;
      return cost(second, nowMs) < cost(first, nowMs) ? second : first;
    },
    firstToken: (_arrival, at, ttftMs, nowMs) => {
      if (of === 'ttft') observe(at.index, ttftMs, nowMs);
    },
    finished: (_arrival, at, { durationMs }, nowMs) => {
      if (of === 'total') observe(at.index, durationMs, nowMs);
    },
  };
}
