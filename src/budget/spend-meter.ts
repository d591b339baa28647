import type { Calendar, Span } from './calendar.ts';
import type { Level, Period } from './limits.ts';
import type { Moment, Need } from './reservation.ts';

export interface SpendKind {
  readonly level: Level;
  readonly of: 'usd' | 'tokens';
  readonly period: Period;
}

/** How many earlier windows are remembered, in case somebody sets the clock back. */
const windowsKept = 4;

/**
 * One budget: what was spent in the present day or month, and what running requests may still spend. Both together never
 * exceed it, since whoever reserves checks first and settles for no more than was reserved. What is settled counts in the
 * window in which it is settled, as in the ledger; what is reserved counts in whichever window it is.
 */
export class SpendMeter {
  readonly sort = 'spend';
  readonly kind: SpendKind;
  /** In billionths of a dollar, or tokens. */
  most: number;
  readonly calendar: Calendar;
  readonly #earlier = new Map<number, number>();
  #window: Span;
  #spent = 0;
  #reserved = 0;

  constructor(kind: SpendKind, most: number, calendar: Calendar, wallMs: number) {
    this.kind = kind;
    this.most = most;
    this.calendar = calendar;
    this.#window = calendar.span(kind.period, wallMs);
  }

  window(wallMs: number): Span {
    this.#enter(wallMs);
    return this.#window;
  }

  spent(wallMs: number): number {
    this.#enter(wallMs);
    return this.#spent;
  }

  get reserved(): number {
    return this.#reserved;
  }

  get level(): Level {
    return this.kind.level;
  }

  /** What of a request counts here. */
  amountOf({ mostNanoUsd, mostTokens }: Need): number {
    return this.kind.of === 'usd' ? mostNanoUsd : mostTokens;
  }

  /** What neither was spent nor may still be. */
  left({ wallMs }: Pick<Moment, 'wallMs'>): number {
    this.#enter(wallMs);
    return this.most - this.#spent - this.#reserved;
  }

  reserve(amount: number): void {
    this.#reserved += amount;
  }

  /** Gives back what was reserved. */
  release(amount: number): void {
    this.#reserved -= amount;
  }

  spend(amount: number, wallMs: number): void {
    this.#enter(wallMs);
    this.#spent += amount;
  }

  /**
   * A window that was left is remembered, so that a clock set back finds what was spent in it. One that was never seen
   * before begins with nothing spent if it is later than the present one; an earlier one begins with what the present one
   * has, lest a wrong clock give a budget anew (fault 95).
   */
  #enter(wallMs: number): void {
    if (wallMs >= this.#window.startMs && wallMs < this.#window.endMs) return;
    const next = this.calendar.span(this.kind.period, wallMs);
    this.#earlier.set(this.#window.startMs, this.#spent);
    this.#spent = this.#earlier.get(next.startMs) ?? (next.startMs > this.#window.startMs ? 0 : this.#spent);
    this.#window = next;
    for (const startMs of this.#earlier.keys()) if (this.#earlier.size > windowsKept) this.#earlier.delete(startMs);
  }
}
