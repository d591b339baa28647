import { canTake } from './can-take.ts';
import type { ReplicaView, Router } from '../router.ts';

/**
 * Turns in proportion to true capacities, which no router in the world is told: smooth weighted round-robin, where each
 * place earns its weight at every request and who has most pays the sum.
 */
export function weightedByCapacity(capacity: readonly number[]): Router {
  const credit = new Float64Array(capacity.length);
  return {
    choose: (arrival, fleet) => {
      let best: ReplicaView | undefined;
      let sum = 0;
      for (const view of fleet) {
        if (!canTake(view, arrival)) continue;
        const weight = capacity[view.index] ?? 0;
        sum += weight;
        credit[view.index] = (credit[view.index] ?? 0) + weight;
        if (best === undefined || (credit[view.index] ?? 0) > (credit[best.index] ?? 0)) best = view;
      }
      if (best !== undefined) credit[best.index] = (credit[best.index] ?? 0) - sum;
      return best;
    },
  };
}
