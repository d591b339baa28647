import { canTake } from './can-take.ts';
import type { Router } from '../router.ts';

/** Each open place in turn, whatever it is. */
export function roundRobin(): Router {
  let last = -1;
  return {
    choose: (arrival, fleet) => {
      const open = fleet.filter((view) => canTake(view, arrival));
      const next = open.find(({ index }) => index > last) ?? open[0];
      if (next !== undefined) last = next.index;
      return next;
    },
  };
}
