import { canTake, leastBy } from './can-take.ts';
import { PrefixMemory } from './prefix-memory.ts';
import type { ReplicaView, Router } from '../router.ts';

export interface CacheAwareOptions {
  readonly replicas: number;
  /** The part of a prompt that must match for affinity to decide. */
  readonly matchThreshold: number;
  /** Loads are out of balance where they differ by more than this number and by more than this factor. */
  readonly balanceAbs: number;
  readonly balanceRel: number;
  readonly mostBlocks: number;
}

/**
 * By the published description of SGLang's router: out of balance, the shortest queue; in balance, the best prefix
 * match if it is good enough, else the replica whose tree is smallest, which is here the one with the fewest requests.
 */
export function cacheAware({ replicas, matchThreshold, balanceAbs, balanceRel, mostBlocks }: CacheAwareOptions): Router {
  const memory = new PrefixMemory(replicas, mostBlocks);
  return {
    choose: (arrival, fleet) => {
      let most = 0;
      let least = Infinity;
      let best: ReplicaView | undefined;
      let bestMatch = -1;
      for (const view of fleet) {
        if (!canTake(view, arrival)) continue;
        most = Math.max(most, view.running);
        least = Math.min(least, view.running);
        const match = memory.match(view.index, arrival.prefixHashes);
        if (match <= bestMatch) continue;
        best = view;
        bestMatch = match;
      }
      const isUneven = most - least > balanceAbs && most > least * balanceRel;
      const matched = (bestMatch * arrival.prefixBlockTokens) / arrival.promptTokens;
      return !isUneven && matched > matchThreshold ? best : leastBy(arrival, fleet, ({ running }) => running);
    },
    dispatched: (arrival, to) => memory.add(to.index, arrival.prefixHashes),
    refused: (_arrival, by, why) => {
      if (why === 'lost') memory.forget(by.index);
    },
  };
}
