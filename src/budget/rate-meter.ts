import { SlidingCount, type Counted } from '../std/sliding-count.ts';
import type { Level } from './limits.ts';
import type { Moment, Need } from './reservation.ts';

export interface RateKind {
  readonly level: Level;
  readonly of: 'requests' | 'tokens';
}

const minuteMs = 60_000;

/** How a rate stands, as `x-ratelimit-*` headers tell it. */
export interface RateStanding {
  readonly limit: number;
  readonly remaining: number;
  /** Until nothing counts any more, if nothing is added. */
  readonly resetMs: number;
}

/**
 * So many a minute, over any minute: a sliding window. A token bucket would be two numbers instead of slots, but lets
 * twice as many through in the minute after a rest; the words of the limit promise otherwise.
 */
export class RateMeter {
  readonly sort = 'rate';
  readonly kind: RateKind;
  most: number;
  readonly #count = new SlidingCount(minuteMs);
  #reserved = 0;

  constructor(kind: RateKind, most: number) {
    this.kind = kind;
    this.most = most;
  }

  get level(): Level {
    return this.kind.level;
  }

  amountOf({ rateTokens }: Need): number {
    return this.kind.of === 'requests' ? 1 : rateTokens;
  }

  left({ nowMs }: Pick<Moment, 'nowMs'>): number {
    return this.most - this.#count.total(nowMs) - this.#reserved;
  }

  /** Keeps room for what another process may use at any moment: it counts until it is told used, or given back. */
  reserve(amount: number): void {
    this.#reserved += amount;
  }

  release(amount: number): void {
    this.#reserved -= amount;
  }

  add(amount: number, nowMs: number): Counted {
    return this.#count.add(amount, nowMs);
  }

  /** What was used at a moment of before, of which only now is heard. */
  addEarlier(amount: number, atMs: number, nowMs: number): void {
    this.#count.addEarlier(amount, atMs, nowMs);
  }

  /** What was counted turned out to be another amount. */
  correct(counted: Counted, amount: number, nowMs: number): void {
    this.#count.correct(counted, amount, nowMs);
  }

  /** How long until so much more has room. Only for what has room at all. */
  roomInMs(amount: number, nowMs: number): number {
    return this.#count.releaseInMs(this.most - this.#reserved - amount, nowMs);
  }

  standing(at: Pick<Moment, 'nowMs'>): RateStanding {
    return { limit: this.most, remaining: Math.max(0, this.left(at)), resetMs: this.#count.emptyInMs(at.nowMs) };
  }
}
