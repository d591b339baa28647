import { leastBy } from './can-take.ts';
import { PrefixMemory } from './prefix-memory.ts';
import type { Arrival, Router } from '../router.ts';

export interface LMetricOptions {
  readonly replicas: number;
  readonly mostBlocks: number;
}

/** The least (prompt tokens that a replica would have to compute anew, with those that wait there) × (requests in flight). */
export function lmetric({ replicas, mostBlocks }: LMetricOptions): Router {
  const memory = new PrefixMemory(replicas, mostBlocks);
  /** Prompt tokens sent there whose first token has not come. */
  const pending = new Float64Array(replicas);
  const pendingOf = new Map<number, number>();
  const settle = (id: number, index: number): void => {
    pending[index] = Math.max(0, (pending[index] ?? 0) - (pendingOf.get(id) ?? 0));
    pendingOf.delete(id);
  };
  const fresh = (index: number, { promptTokens, prefixHashes, prefixBlockTokens }: Arrival): number =>
    Math.max(1, promptTokens - memory.match(index, prefixHashes) * prefixBlockTokens);
  return {
    choose: (arrival, fleet) => leastBy(arrival, fleet, ({ index, running }) => ((pending[index] ?? 0) + fresh(index, arrival)) * (running + 1)),
    dispatched: (arrival, to) => {
      const tokens = fresh(to.index, arrival);
      pendingOf.set(arrival.id, tokens);
      pending[to.index] = (pending[to.index] ?? 0) + tokens;
      memory.add(to.index, arrival.prefixHashes);
    },
    firstToken: ({ id }, at) => settle(id, at.index),
    refused: ({ id }, by, why) => {
      settle(id, by.index);
      if (why === 'lost') memory.forget(by.index);
    },
  };
}
