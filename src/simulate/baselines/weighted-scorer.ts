import { leastBy } from './can-take.ts';
import { PrefixMemory } from './prefix-memory.ts';
import type { Router } from '../router.ts';

export interface WeightedScorerOptions {
  readonly replicas: number;
  readonly prefixWeight: number;
  readonly queueWeight: number;
  readonly kvWeight: number;
  readonly mostBlocks: number;
}

/**
 * By the published description of llm-d's scheduler: each scorer gives 0 to 1, the weighted sum decides. Prefix: the
 * matched part of the prompt; queue: 1 for the shortest waiting queue, 0 for the longest; KV: the part that is free.
 */
export function weightedScorer({ replicas, prefixWeight, queueWeight, kvWeight, mostBlocks }: WeightedScorerOptions): Router {
  const memory = new PrefixMemory(replicas, mostBlocks);
  return {
    choose: (arrival, fleet) => {
      let longest = 0;
      let shortest = Infinity;
      for (const { gauges } of fleet) {
        longest = Math.max(longest, gauges.waiting);
        shortest = Math.min(shortest, gauges.waiting);
      }
      const blocks = Math.max(1, arrival.prefixHashes.length);
      return leastBy(arrival, fleet, ({ index, gauges, running }) => {
        const queue = longest === shortest ? 1 : (longest - gauges.waiting) / (longest - shortest);
        const score = prefixWeight * (memory.match(index, arrival.prefixHashes) / blocks) + queueWeight * queue + kvWeight * (1 - gauges.kvUsed);
        // Between equals its picker draws; here the fewer requests in flight decide.
        return -score + running * 1e-9;
      });
    },
    dispatched: (arrival, to) => memory.add(to.index, arrival.prefixHashes),
    refused: (_arrival, by, why) => {
      if (why === 'lost') memory.forget(by.index);
    },
  };
}
