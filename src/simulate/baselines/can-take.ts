import type { Arrival, ReplicaView } from '../router.ts';

/** What every router must heed: the model, and that the place is open. */
export function canTake({ state, deployment }: ReplicaView, arrival: Arrival): boolean {
  return (state === 'ready' || state === 'trial') && deployment.model === arrival.model;
}

/** The open place with the least score; of equals the one with the lower number. */
export function leastBy(arrival: Arrival, fleet: readonly ReplicaView[], score: (view: ReplicaView) => number): ReplicaView | undefined {
  let best: ReplicaView | undefined;
  let least = Infinity;
  for (const view of fleet) {
    if (!canTake(view, arrival)) continue;
    const found = score(view);
    if (best !== undefined && !(found < least)) continue;
    best = view;
    least = found;
  }
  return best;
}
