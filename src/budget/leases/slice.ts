import { rateSlotMs, type LeaseAccount, type LentPart, type LentSpan } from './lease-message.ts';
import type { Need } from '../reservation.ts';

/** What is gathered for the arbiter. */
export type OpenAccount = { -readonly [Name in 'spends' | 'returns' | 'rates' | 'stocks' | 'wishes' | 'charged']: LeaseAccount[Name][number][] };

/** A stock shall be for this many requests, or for so many ticks like the last one, whichever is more. */
const stockedRequests = 8;
const stockedTimes = 3;
/** Below this part of it, it is filled up when something is told anyway, and below the other one at once. */
const filledBelow = 0.8;
const urgentBelow = 0.5;
/** What is more than so many times that goes back. */
const excessTimes = 4;
/** Ticks without use after which all goes back. */
const idleTicks = 10;
/** Seconds whose sums are kept apart while the arbiter is busy; beyond it, older ones join the next. */
const mostSeconds = 60;

/** What the arbiter lent of one meter: free to use here and now, without asking. */
export abstract class Slice {
  readonly id: number;
  readonly of: LentPart['of'];
  readonly #most: number;
  #free = 0;
  #span: LentSpan;
  #isStrict = true;
  /** Given up, and not told yet. */
  #back = 0;
  #each = 0;
  #taken = 0;
  #takenBefore = 0;
  #hasWished = false;
  #idle = 0;
  /** Requests that hold of it. */
  #running = 0;
  isTouched = false;

  constructor({ meter, of, most, span }: LentPart) {
    this.id = meter;
    this.of = of;
    this.#most = most;
    this.#span = span;
  }

  get most(): number {
    return this.#most;
  }

  get isStrict(): boolean {
    return this.#isStrict;
  }

  get free(): number {
    return this.#free;
  }

  /** Whether it is used by nobody any more, and nothing of it is here. */
  get isOver(): boolean {
    return this.#running === 0 && this.#free === 0 && this.#idle > idleTicks && !this.isTouched;
  }

  /** Whether its stock runs low, which was not said yet. */
  get isLow(): boolean {
    return this.#isBelow(urgentBelow);
  }

  abstract amountOf(need: Need): number;

  covers(need: Need, wallMs: number): boolean {
    return this.amountOf(need) <= this.#free && wallMs >= this.#span.startMs && wallMs < this.#span.endMs;
  }

  lent({ amount, extra, isStocked, span }: Pick<LentPart, 'amount' | 'extra' | 'isStocked' | 'span'>): void {
    // What was lent in another window is worth nothing in this one: see `SpendMeter` on clocks that are set back.
    if (span.startMs !== this.#span.startMs) this.giveUp();
    this.#span = span;
    this.#free += amount + extra;
    this.#isStrict = !isStocked;
    this.#hasWished = false;
  }

  take(amount: number): void {
    this.#free -= amount;
    this.#each = amount;
    this.#taken += amount;
    this.#running += 1;
    this.#idle = 0;
  }

  putBack(amount: number): void {
    this.#free += amount;
    this.#running -= 1;
  }

  giveUp(): void {
    this.#back += this.#free;
    this.#free = 0;
  }

  recalled(): void {
    this.giveUp();
    this.#isStrict = true;
  }

  /** A tick has passed. */
  tick(): void {
    this.#takenBefore = this.#taken;
    this.#taken = 0;
    this.#hasWished = false;
    this.#idle += 1;
    if (this.#idle > idleTicks) {
      this.#each = 0;
      return this.giveUp();
    }
    const target = this.#target();
    if (this.#free > excessTimes * target) {
      this.#back += this.#free - target;
      this.#free = target;
    }
  }

  /** Says what changed. */
  tell(account: OpenAccount): void {
    this.isTouched = false;
    if (this.#isStrict) this.giveUp();
    if (this.#isBelow(filledBelow)) {
      this.#hasWished = true;
      account.wishes.push([this.id, this.#target() - this.#free, this.#each]);
    }
    if (this.#back > 0) account.returns.push([this.id, this.#back]);
    this.#back = 0;
    account.stocks.push([this.id, this.#free]);
  }

  get hasToGive(): boolean {
    return this.#back > 0;
  }

  #isBelow(part: number): boolean {
    return !this.#isStrict && !this.#hasWished && this.#free < part * this.#target();
  }

  #target(): number {
    return Math.max(stockedRequests * this.#each, stockedTimes * Math.max(this.#taken, this.#takenBefore));
  }
}

/** A slice of a budget: what a request is charged is spent, the rest is free again. */
export class SpendSlice extends Slice {
  readonly #spent: [second: number, amount: number][] = [];

  amountOf({ mostNanoUsd, mostTokens }: Need): number {
    return this.of === 'usd' ? mostNanoUsd : mostTokens;
  }

  settle(taken: number, spent: number, second: number): void {
    this.putBack(taken - spent);
    if (spent === 0) return;
    const last = this.#spent.at(-1);
    if (last !== undefined && (last[0] === second || this.#spent.length >= mostSeconds)) last[1] += spent;
    else this.#spent.push([second, spent]);
  }

  override tell(account: OpenAccount): void {
    for (const [second, amount] of this.#spent.splice(0)) account.spends.push([this.id, second, amount]);
    super.tell(account);
  }
}

/** A slice of requests at once. */
export class GateSlice extends Slice {
  amountOf(): number {
    return 1;
  }
}

interface Used {
  taken: number;
  corrected: number;
}

/** A slice of a limit a minute. What is used is gone, until the arbiter's minute has passed. */
export class RateSlice extends Slice {
  #used = new Map<number, Used>();
  /** That of the last slot that was looked for, which nearly always is the next one too. */
  #last: { readonly slot: number; readonly used: Used } | undefined;
  #left: number;
  /** Used since the arbiter was told last, and so not in what it says is left. */
  #untold = 0;

  constructor(part: LentPart) {
    super(part);
    this.#left = part.left;
  }

  amountOf({ rateTokens }: Need): number {
    return this.of === 'requests' ? 1 : rateTokens;
  }

  /** As the arbiter counts: what was used just now counts until a minute after the end of its slot. */
  static untilSlotEndMs(nowMs: number): number {
    return rateSlotMs - (nowMs % rateSlotMs);
  }

  /** What the arbiter says is left for all. */
  heard(left: number): void {
    this.#left = left - this.#untold;
  }

  use(amount: number, nowMs: number): void {
    this.take(amount);
    this.#left -= amount;
    this.#untold += amount;
    this.#in(nowMs).taken += amount;
  }

  /** Of what is past already, the arbiter takes no note. */
  settle(usedAtMs: number, corrected: number): void {
    this.putBack(0);
    if (corrected === 0) return;
    this.#left -= corrected;
    this.#untold += corrected;
    this.#in(usedAtMs).corrected += corrected;
  }

  /** By the arbiter's last word, and what was used here since. */
  get left(): number {
    return this.#left;
  }

  override tell(account: OpenAccount): void {
    for (const [slot, { taken, corrected }] of this.#used) account.rates.push([this.id, slot * rateSlotMs, taken, corrected]);
    if (this.#used.size > 0) this.#used = new Map();
    this.#last = undefined;
    this.#untold = 0;
    super.tell(account);
  }

  #in(atMs: number): Used {
    const slot = Math.floor(atMs / rateSlotMs);
    if (this.#last?.slot === slot) return this.#last.used;
    const used = this.#used.get(slot) ?? { taken: 0, corrected: 0 };
    this.#used.set(slot, used);
    this.#last = { slot, used };
    return used;
  }
}
