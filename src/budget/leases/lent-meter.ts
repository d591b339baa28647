import { always, rateSlotMs, type LentPart, type LentSpan } from './lease-message.ts';
import type { Meter } from '../guard.ts';
import type { Moment, Need } from '../reservation.ts';

/**
 * How a holder treats its slice of a meter, as far as the arbiter knows: it keeps a stock; it was told to give it back and
 * has not answered; or it has none, and gives back at once whatever a request leaves.
 */
type Manner =
  | { readonly kind: 'stocked' }
  | { readonly kind: 'recalled'; readonly recall: number; readonly sinceMs: number }
  | { readonly kind: 'strict' };

export interface Holding {
  /** All of the meter that is with this holder: in stock, held by requests, or used and not told yet. */
  lent: number;
  /** What of it was in stock when it was told last. */
  stock: number;
  manner: Manner;
}

const stocked: Manner = { kind: 'stocked' };
const strict: Manner = { kind: 'strict' };

/** All holders together may have this part of what is left in stock, so that it shrinks with it. */
const stockedPart = 1 / 4;
/** A stock of fewer requests than this is not worth a recall. */
const leastRequests = 2;
const firstRequests = 16;

/** One meter, with what of it is lent to whom. What is lent counts as reserved, whatever the holder does with it. */
export class LentMeter {
  readonly id: number;
  readonly meter: Meter;
  readonly holdings = new Map<number, Holding>();

  constructor(id: number, meter: Meter) {
    this.id = id;
    this.meter = meter;
  }

  /** What is in stock somewhere, as it was told last. */
  get stock(): number {
    let sum = 0;
    for (const { stock } of this.holdings.values()) sum += stock;
    return sum;
  }

  span(wallMs: number): LentSpan {
    return this.meter.sort === 'spend' ? this.meter.window(wallMs) : always;
  }

  /** Lends what one request needs, and more for the next ones where there is plenty. */
  lendFor(holder: number, need: Need, holders: number, at: Moment): LentPart {
    const { id, meter } = this;
    const left = meter.left(at) + this.stock;
    const amount = meter.amountOf(need);
    this.#lend(holder, amount);
    const extra = this.#stockUp(holder, { wanted: firstRequests * amount - this.#holding(holder).stock, each: amount }, holders, at);
    const isStocked = this.#holding(holder).manner.kind === 'stocked';
    const of = meter.sort === 'gate' ? 'requests' : meter.kind.of;
    return { meter: id, sort: meter.sort, of, level: meter.level, most: meter.most, amount, extra, isStocked, left, span: this.span(at.wallMs) };
  }

  /** Lends more into a stock that runs low; nothing where all runs low. */
  topUp(holder: number, wish: { readonly wanted: number; readonly each: number }, holders: number, at: Moment): number {
    return this.#stockUp(holder, wish, holders, at);
  }

  takeBack(holder: number, amount: number): void {
    const holding = this.holdings.get(holder);
    if (holding === undefined) return;
    const back = Math.min(amount, holding.lent);
    holding.lent -= back;
    holding.stock = Math.max(0, holding.stock - back);
    this.meter.release(back);
    if (holding.lent === 0 && holding.manner.kind !== 'recalled') this.holdings.delete(holder);
  }

  /** What was used is lent no more, and counts for itself. */
  spent(holder: number, amount: number, wallMs: number): void {
    this.takeBack(holder, amount);
    if (this.meter.sort === 'spend') this.meter.spend(amount, wallMs);
  }

  /**
   * What was used in the time from `fromMs`, on this side's clock. It counts from the end of that time, lest it be
   * forgotten too soon; what turned out to be less counts from its beginning, lest it outlive what it is taken from.
   */
  used(holder: number, fromMs: number, taken: number, corrected: number, nowMs: number): void {
    // Of a holder that is gone all was counted as used already.
    const counted = Math.min(taken, this.holdings.get(holder)?.lent ?? 0);
    this.takeBack(holder, counted);
    if (this.meter.sort !== 'rate') return;
    const more = Math.max(0, corrected);
    this.meter.addEarlier(counted + more, fromMs + rateSlotMs, nowMs);
    this.meter.addEarlier(corrected - more, fromMs, nowMs);
  }

  told(holder: number, stock: number): void {
    const holding = this.holdings.get(holder);
    if (holding !== undefined) holding.stock = Math.min(stock, holding.lent);
  }

  /** Whoever may have a stock; those who were asked to give it back too long ago are not waited for. */
  isWaitedFor(nowMs: number, patienceMs: number): boolean {
    for (const { manner } of this.holdings.values()) if (manner.kind === 'recalled' && nowMs - manner.sinceMs < patienceMs) return true;
    return false;
  }

  get isStocked(): boolean {
    for (const { manner } of this.holdings.values()) if (manner.kind === 'stocked') return true;
    return false;
  }

  isStockedBy(holder: number): boolean {
    return this.holdings.get(holder)?.manner.kind === 'stocked';
  }

  recalled(holder: number, recall: number, nowMs: number): void {
    this.#holding(holder).manner = { kind: 'recalled', recall, sinceMs: nowMs };
  }

  /** The holder has obeyed a recall. */
  obeyed(holder: number, recall: number): void {
    const holding = this.holdings.get(holder);
    if (holding?.manner.kind !== 'recalled' || holding.manner.recall > recall) return;
    holding.manner = strict;
    holding.stock = 0;
    if (holding.lent === 0) this.holdings.delete(holder);
  }

  /**
   * A holder died. What ran there runs no more; a rate counts all that was lent as used now, which nobody can tell; money
   * and tokens stay as they are until the ledger tells.
   */
  left(holder: number, nowMs: number): void {
    const holding = this.holdings.get(holder);
    if (holding === undefined) return;
    holding.manner = strict;
    holding.stock = 0;
    if (this.meter.sort === 'rate') this.meter.add(holding.lent, nowMs);
    if (this.meter.sort !== 'spend') this.takeBack(holder, holding.lent);
    if (holding.lent === 0) this.holdings.delete(holder);
  }

  #lend(holder: number, amount: number): void {
    this.#holding(holder).lent += amount;
    this.meter.reserve(amount);
  }

  #stockUp(holder: number, { wanted, each }: { readonly wanted: number; readonly each: number }, holders: number, at: Moment): number {
    const holding = this.#holding(holder);
    // Nobody builds a stock of what others are asked to give back.
    if ([...this.holdings.values()].some(({ manner }) => manner.kind === 'recalled')) return 0;
    const share = Math.floor((this.meter.left(at) * stockedPart) / holders);
    if (share < leastRequests * each || share < 1) return 0;
    const amount = Math.min(share, Math.max(0, wanted));
    if (amount === 0) return 0;
    this.#lend(holder, amount);
    holding.stock += amount;
    holding.manner = stocked;
    return amount;
  }

  #holding(holder: number): Holding {
    const known = this.holdings.get(holder);
    if (known !== undefined) return known;
    const holding: Holding = { lent: 0, stock: 0, manner: strict };
    this.holdings.set(holder, holding);
    return holding;
  }
}
