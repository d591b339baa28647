import { leastBy } from './can-take.ts';
import type { Router } from '../router.ts';

/** The fewest requests in flight, counted at dispatch. */
export function leastRequest(): Router {
  return { choose: (arrival, fleet) => leastBy(arrival, fleet, ({ running }) => running) };
}
