import type { Fault } from '../std/error-catalogue.ts';

/** As long as the lag is known for at least: a client that comes sooner meets the same figure. */
const retryAfterMs = 5000;

/**
 * Turns a new request away while the event loop is late (fault 98): each one more would make every running answer
 * later, and a client that is told so at once can go to another replica.
 */
export function shedLoad(lagP99Ms: number, limitMs: number): Fault | undefined {
  return lagP99Ms > limitMs ? { code: 'overloaded', retryAfterMs } : undefined;
}
