import { leastBy } from './can-take.ts';
import type { Router } from '../router.ts';

/** Everything to the pool of greatest capacity, least busy first; to another only where none of it is open. */
export function allToLargest(capacity: readonly number[], pools: readonly string[]): Router {
  const byPool = new Map<string, number>();
  for (const [index, pool] of pools.entries()) byPool.set(pool, (byPool.get(pool) ?? 0) + (capacity[index] ?? 0));
  const rank = pools.map((pool) => byPool.get(pool) ?? 0);
  return { choose: (arrival, fleet) => leastBy(arrival, fleet, ({ index, running }) => -(rank[index] ?? 0) * 1e6 + running) };
}
