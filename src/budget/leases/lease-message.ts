import type { Level, Payer } from '../limits.ts';
import type { Meter } from '../guard.ts';
import type { Need, Refusal } from '../reservation.ts';

/*
 * What the first process, which keeps the limits (the arbiter), and one that serves (a holder) say to each other. Each
 * channel keeps the order of its messages. Amounts are whole: billionths of a dollar, tokens, requests. A meter is named
 * by the number that the arbiter gave it. All that is told is what changed, so that a message that comes late is right
 * still.
 */

/** A request that the holder's own slices do not cover. */
export interface LeaseAsk {
  readonly id: number;
  readonly payer: Payer;
  readonly need: Need;
}

/** What a holder used of its slices since it told last. Sent five times a second, and as soon as a stock runs low, while there is plenty. */
export interface LeaseAccount {
  readonly seq: number;
  /** The last recall that was obeyed before this was sent. */
  readonly recalled: number;
  /** Charged in that whole second of the wall clock. */
  readonly spends: readonly (readonly [meter: number, second: number, amount: number])[];
  readonly returns: readonly (readonly [meter: number, amount: number])[];
  /** The holder's own monotonic clock, by which `rates` go. */
  readonly sentAtMs: number;
  /** Used of a limit a minute in the quarter of a second from then on; `corrected`: how much more, or less, than it was first taken for. */
  readonly rates: readonly (readonly [meter: number, fromMs: number, taken: number, corrected: number])[];
  /** What nothing holds at present of a slice. */
  readonly stocks: readonly (readonly [meter: number, amount: number])[];
  /** More of these would be of use; `each` is what one request takes. */
  readonly wishes: readonly (readonly [meter: number, amount: number, each: number])[];
  /** The same as in `spends`, by who was charged: with it the arbiter can tell what a process that died never told. */
  readonly charged: readonly ChargedRow[];
}

export interface ChargedRow extends Payer {
  readonly second: number;
  readonly tokens: number;
  readonly nanoUsd: number;
}

/** A part of what is lent: of one meter, for one request and in stock. */
export interface LentPart {
  readonly meter: number;
  readonly sort: Meter['sort'];
  readonly of: 'usd' | 'tokens' | 'requests';
  readonly level: Level;
  readonly most: number;
  readonly amount: number;
  readonly extra: number;
  /** Whether what a request leaves may be kept for the next; else it goes back at once. */
  readonly isStocked: boolean;
  /** What was left for all before this, for whoever asks how a rate stands. */
  readonly left: number;
  readonly span: LentSpan;
}

/** The window of a budget that a slice is lent in, on the wall clock: in another one it is worth nothing. */
export interface LentSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** What is used of rates is told by quarters of a second, as the arbiter counts it. */
export const rateSlotMs = 250;

export const always: LentSpan = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };

/** The arbiter's word on a request. */
export type LeaseAnswer =
  | { readonly kind: 'lent'; readonly id: number; readonly parts: readonly LentPart[] }
  | { readonly kind: 'refused'; readonly id: number; readonly refusal: Refusal };

export type LeaseOrder =
  | LeaseAnswer
  /** Give back what no request holds of these meters, or of all, and from now on what a request gives back. */
  | { readonly kind: 'recalled'; readonly recall: number; readonly meters: readonly number[] | undefined }
  | {
      readonly kind: 'noted';
      readonly seq: number;
      readonly tops: readonly (readonly [meter: number, amount: number, span: LentSpan])[];
      readonly lefts: readonly (readonly [meter: number, left: number])[];
    };
