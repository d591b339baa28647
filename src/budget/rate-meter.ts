import { SlidingCount, type Counted } from '../std/sliding-count.ts';
import type { Level } from './limits.ts';

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
  readonly kind: RateKind;
  most: number;
  readonly #count = new SlidingCount(minuteMs);

  constructor(kind: RateKind, most: number) {
    this.kind = kind;
    this.most = most;
  }

  left(nowMs: number): number {
    return this.most - this.#count.total(nowMs);
  }

  add(amount: number, nowMs: number): Counted {
    return this.#count.add(amount, nowMs);
  }

  /** What was counted turned out to be another amount. */
  correct(counted: Counted, amount: number, nowMs: number): void {
    this.#count.correct(counted, amount, nowMs);
  }

  /** How long until so much more has room. Only for what has room at all. */
  roomInMs(amount: number, nowMs: number): number {
    return this.#count.releaseInMs(this.most - amount, nowMs);
  }

  standing(nowMs: number): RateStanding {
    return { limit: this.most, remaining: Math.max(0, this.left(nowMs)), resetMs: this.#count.emptyInMs(nowMs) };
  }
}
