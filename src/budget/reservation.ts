import type { RateStanding } from './rate-meter.ts';
import type { Fault } from '../std/error-catalogue.ts';

/** What a request may use at most. Infinity where no budget of the kind applies, so that nothing is bounded by one. */
export interface Need {
  readonly mostTokens: number;
  readonly mostNanoUsd: number;
  /** What it is taken to use, for limits of tokens a minute. */
  readonly rateTokens: number;
}

/** A moment on both clocks: rates go by the one that is never set, days and months by the wall's. */
export interface Moment {
  readonly nowMs: number;
  readonly wallMs: number;
}

/** What a request was charged in the end. */
export interface Spent {
  readonly tokens: number;
  readonly nanoUsd: number;
}

export const nothingSpent: Spent = { tokens: 0, nanoUsd: 0 };

/** The rates of a payer that has any: of requests, of tokens, or of both. */
export interface Standing {
  readonly requests: RateStanding | undefined;
  readonly tokens: RateStanding | undefined;
}

/** What a request holds of its payer's limits until it ends. */
export interface Reservation {
  readonly need: Need;
  readonly standing: Standing | undefined;
  /** Gives back what is held and counts what was spent, at most what was reserved. Only the first call does anything. */
  readonly settle: (spent: Spent, wallMs: number) => void;
}

/** For a payer whom nothing limits. */
export function heldOfNothing(need: Need): Reservation {
  return { need, standing: undefined, settle: () => {} };
}

/** Why nothing was reserved, and how the rates stand all the same. */
export interface Refusal {
  readonly fault: Fault;
  readonly standing: Standing | undefined;
}
