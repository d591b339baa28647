import { LogHistogram } from './log-histogram.ts';
import { Timeline } from './timeline.ts';
import type { FleetSpec } from '../fleet-spec.ts';
import type { Outcome } from './outcome.ts';

/** What one pool did. */
export interface PoolTally {
  requests: number;
  good: number;
  promptTokens: number;
  cachedTokens: number;
  outputTokens: number;
}

/** What a run came to, in a memory that does not grow with it. */
export class Tally {
  readonly ttftMs = new LogHistogram();
  readonly tpotMs = new LogHistogram();
  readonly totalMs = new LogHistogram();
  readonly pools = new Map<string, PoolTally>();
  readonly timeline = new Timeline();
  requests = 0;
  finished = 0;
  refused = 0;
  good = 0;
  continued = 0;
  retries = 0;
  usd = 0;
  /** Requests whose cost nobody knows: never counted as free. */
  unpriced = 0;
  readonly #fleet: FleetSpec;

  constructor(fleet: FleetSpec) {
    this.#fleet = fleet;
    for (const { pool } of fleet.replicas) this.pools.set(pool, { requests: 0, good: 0, promptTokens: 0, cachedTokens: 0, outputTokens: 0 });
  }

  add(outcome: Outcome): void {
    this.requests += 1;
    this.good += outcome.isGood ? 1 : 0;
    this.retries += Math.max(0, outcome.attempts - 1);
    this.continued += outcome.losses > 0 && outcome.kind === 'finished' ? 1 : 0;
    this.timeline.add(outcome.arrival.atMs, outcome.isGood);
    if (outcome.kind === 'refused') {
      this.refused += 1;
      return;
    }
    this.finished += 1;
    this.ttftMs.add(outcome.ttftMs);
    if (outcome.outputTokens > 1) this.tpotMs.add(outcome.tpotMs);
    this.totalMs.add(outcome.totalMs);
    if (outcome.usd === undefined) this.unpriced += 1;
    else this.usd += outcome.usd;
    const pool = outcome.replica === undefined ? undefined : this.pools.get(this.#fleet.replicas[outcome.replica]?.pool ?? '');
    if (pool === undefined) return;
    pool.requests += 1;
    pool.good += outcome.isGood ? 1 : 0;
    pool.promptTokens += outcome.arrival.promptTokens;
    pool.cachedTokens += outcome.cachedTokens;
    pool.outputTokens += outcome.outputTokens;
  }
}
