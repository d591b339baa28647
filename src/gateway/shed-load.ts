import type { Fault } from '../std/error-catalogue.ts';

export interface SheddingRules {
  /** New requests are turned away while the event loop lags by more. */
  readonly aboveLagMs: number;
  /** With fewer requests than this under way, a lag is the machine's and not theirs: turning them away would help nobody. */
  readonly fromRequests: number;
}

/** As long as the lag is known for at least: a client that comes sooner meets the same figure. */
const retryAfterMs = 5000;

/**
 * Turns a new request away while the event loop is late (fault 98): each one more would make every running answer
 * later, and a client that is told so at once can go to another replica. `running` counts the new one.
 */
export function shedLoad(lagP99Ms: number, running: number, { aboveLagMs, fromRequests }: SheddingRules): Fault | undefined {
  return lagP99Ms > aboveLagMs && running >= fromRequests ? { code: 'overloaded', retryAfterMs } : undefined;
}
