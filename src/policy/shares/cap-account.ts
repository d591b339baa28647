import { DeficitCounter, type ShareCredit } from './share-credit.ts';
import { LengthBias } from './length-bias.ts';
import { mostUnitsOf, settledUnitsOf, unitsOf, type ShareCap } from './share-cap.ts';
import { SharePrice } from './share-price.ts';
import { ShareWindow } from './share-window.ts';
import type { CapTally } from './cap-tally.ts';
import type { RequestSize } from '../choice/ask.ts';

/** A share from this part of its cap on is near it. */
const near = 0.9;
/** What a unit is taken to cost before any price was seen. */
const assumedUsd = { tokens: 1e-6, requests: 1e-3, usd: 1 } as const;

/** A single answer that is out of all proportion must not close a cap for good. */
const mostOverrun = 16;

/** A running request as one cap counts it. */
export interface CapEntry {
  readonly account: CapAccount;
  readonly window: ShareWindow;
  readonly side: 'group' | 'rest';
  /** As reserved. */
  readonly units: number;
  /** What it is expected to come to. */
  readonly expected: number;
  readonly mostUnits: number;
  readonly yielded: boolean;
}

/** What one dispatch counts with in each cap, until it is settled: then it is empty. Whoever dispatched keeps it. */
export type ShareHold = CapEntry[];

export type NewCredit = (cap: ShareCap, windowIndex: number) => ShareCredit;

export const deficitCredit: NewCredit = (cap) => new DeficitCounter(cap.most, cap.minimumVolume);

/** One cap with its present window, its price, and what it displaced. */
export class CapAccount {
  readonly cap: ShareCap;
  readonly #originMs: number;
  readonly #newCredit: NewCredit;
  readonly #price: SharePrice;
  #window: ShareWindow;
  #windowEndsMs = Number.NEGATIVE_INFINITY;
  #refusedMs = Number.NEGATIVE_INFINITY;
  /** What the window before this one settled, by which this one's steps are measured. */
  #volumeBefore = 0;
  /** Pessimists until they know better: long answers of the group, short ones of the rest. */
  readonly #groupBias = new LengthBias('most');
  readonly #restBias = new LengthBias('quarter');
  #meanMostUnits = 0;
  /** By how much an answer was lately longer than it could be: whoever breaks its word once is trusted less. At least 1. */
  #overrun = 1;
  readonly #displaced = { requests: 0, tokens: 0, usd: 0, usdKnown: true, ttftMs: 0, ttftKnown: 0 };

  constructor(cap: ShareCap, originMs: number, newCredit: NewCredit) {
    this.cap = cap;
    this.#originMs = originMs;
    this.#newCredit = newCredit;
    this.#price = new SharePrice(assumedUsd[cap.measure]);
    this.#window = new ShareWindow(Number.NEGATIVE_INFINITY, newCredit(cap, 0));
  }

  /** The window of this moment. Those before it live on in the entries of what still runs. */
  window(nowMs: number): ShareWindow {
    if (nowMs < this.#windowEndsMs) return this.#window;
    const index = Math.floor((nowMs - this.#originMs) / this.cap.windowMs);
    if (index > this.#window.index) {
      this.#windowEndsMs = this.#originMs + (index + 1) * this.cap.windowMs;
      this.#volumeBefore = this.#window.settled;
      this.#window = new ShareWindow(index, this.#newCredit(this.cap, index));
    }
    return this.#window;
  }

  endsInMs(nowMs: number): number {
    const { windowMs } = this.cap;
    return windowMs - ((((nowMs - this.#originMs) % windowMs) + windowMs) % windowMs);
  }

  /** Whether a request would fit, were it of the group. What has no known price fits no cap on money. */
  fits(size: RequestSize, nowMs: number): boolean {
    if (this.cap.kind === 'soft') return true;
    const most = mostUnitsOf(this.cap.measure, size);
    return most !== undefined && this.window(nowMs).credit.has(most * this.#overrun);
  }

  /** Whether it adds nothing to anybody's price. */
  isFree(nowMs: number): boolean {
    return !this.#price.isPositive && (this.cap.kind === 'hard' || !SharePrice.isUrgent(this.#above(this.window(nowMs))));
  }

  /** Whether a request of the group fits. */
  admits(size: RequestSize, nowMs: number): boolean {
    const fits = this.fits(size, nowMs);
    // A request that the credit keeps away shows that the price is too low: else it would have been kept away by that. One
    // request asks for every candidate of the group, in one moment.
    if (!fits && nowMs !== this.#refusedMs) this.#price.moved(unitsOf(this.cap.measure, size) ?? 0, this.#volume(this.window(nowMs)));
    if (!fits) this.#refusedMs = nowMs;
    return fits;
  }

  /** What a request of the group costs more by this cap, in US dollars. */
  priceUsd(size: RequestSize, nowMs: number): number {
    const window = this.window(nowMs);
    const unitUsd = this.#price.usd(this.cap.kind === 'soft' ? this.#above(window) : 0);
    return unitUsd === 0 ? 0 : unitUsd * (unitsOf(this.cap.measure, size) ?? 0);
  }

  dispatched(side: 'group' | 'rest', size: RequestSize, yielded: boolean, nowMs: number): CapEntry {
    const window = this.window(nowMs);
    const units = unitsOf(this.cap.measure, size) ?? 0;
    const mostUnits = (mostUnitsOf(this.cap.measure, size) ?? 0) * (side === 'group' ? this.#overrun : 1);
    this.#price.saw(size.usd === undefined || !(units > 0) ? undefined : size.usd / units);
    this.#meanMostUnits += (mostUnits - this.#meanMostUnits) * (this.#meanMostUnits === 0 ? 1 : 0.05);
    if (side === 'group' && !yielded) window.credit.take(mostUnits);
    const excess = window.excess(this.cap.most);
    const expected = this.#biasOf(side).expected(units, mostUnits);
    window.run(side, units, expected);
    if (!yielded) this.#follow(window, excess);
    // While the share is too high the price has not come to its height yet, whoever the request went to.
    if (this.cap.kind === 'soft' && !yielded && SharePrice.isUrgent(this.#above(window))) this.#price.moved(units / 2, this.#volume(window));
    return { account: this, window, side, units, expected, mostUnits, yielded };
  }

  /** Sums of requests that have ended already. */
  resume(side: 'group' | 'rest', size: RequestSize & { readonly requests: number }, nowMs: number): void {
    const window = this.window(nowMs);
    const units = this.cap.measure === 'requests' ? size.requests : (unitsOf(this.cap.measure, size) ?? 0);
    window.settle(side, 0, 0, units, false);
    if (side === 'group') window.credit.take(units);
    else window.credit.grow(units);
  }

  /** `actual` undefined: nobody knows, so that it counts as the most against its group, and as nothing for the rest. */
  settled({ window, side, units, expected, mostUnits, yielded }: CapEntry, actual: RequestSize | undefined, nowMs: number): void {
    this.window(nowMs);
    const told = actual === undefined ? undefined : settledUnitsOf(this.cap.measure, actual);
    const used = told ?? (side === 'group' ? mostUnits : 0);
    const excess = window.excess(this.cap.most);
    window.settle(side, units, expected, used, yielded);
    this.#biasOf(side).heard(units, used);
    if (yielded) return;
    this.#follow(window, excess);
    if (side === 'group') {
      window.credit.settle(mostUnits, used);
      this.#overrun = Math.max(1, Math.min(mostOverrun, (this.#overrun * used) / Math.max(mostUnits, 1e-12)), 1 + (this.#overrun - 1) * 0.999);
    } else window.credit.grow(used);
  }

  #biasOf(side: 'group' | 'rest'): LengthBias {
    return side === 'group' ? this.#groupBias : this.#restBias;
  }

  /** The price follows the lead that the group has over its part; what settles for an earlier window moves it no more. */
  #follow(window: ShareWindow, excessBefore: number): void {
    if (window !== this.#window) return;
    this.#price.moved(window.excess(this.cap.most) - excessBefore, this.#volume(window));
  }

  #above(window: ShareWindow): number {
    return window.excess(this.cap.most) / Math.max(this.cap.minimumVolume, window.settled, 1e-12);
  }

  /** What a window may be expected to settle, from the last one and this. */
  #volume(window: ShareWindow): number {
    return Math.max(this.cap.minimumVolume, this.#volumeBefore, window.settled, 1e-12);
  }

  displaced(tokens: number, extra: { readonly usd: number | undefined; readonly ttftMs: number | undefined }): void {
    const sums = this.#displaced;
    sums.requests += 1;
    sums.tokens += tokens;
    if (extra.usd === undefined) sums.usdKnown = false;
    else sums.usd += extra.usd;
    if (extra.ttftMs === undefined) return;
    sums.ttftMs += extra.ttftMs;
    sums.ttftKnown += 1;
  }

  /** Whether the cap keeps requests away now. */
  isBinding(nowMs: number): boolean {
    if (this.cap.kind === 'soft') return this.#price.isPositive;
    return !this.window(nowMs).credit.has(this.#meanMostUnits);
  }

  tally(yielding: boolean, nowMs: number): CapTally {
    const { group, measure, kind, most, windowMs, minimumVolume } = this.cap;
    const window = this.window(nowMs);
    const { group: units, rest } = window.volumes;
    const share = units === 0 ? 0 : units / (units + rest);
    const { requests, tokens, usd, usdKnown, ttftMs, ttftKnown } = this.#displaced;
    const calm = share >= near * most ? 'near' : 'room';
    const state = yielding ? 'yielding' : this.isBinding(nowMs) ? 'binding' : window.settled < minimumVolume ? 'below-minimum' : calm;
    const displaced = {
      requests,
      tokens,
      extraUsd: usdKnown ? usd : undefined,
      extraTtftMs: ttftKnown === 0 ? undefined : ttftMs / ttftKnown,
    };
    return { id: this.cap.id, group: units, rest, standing: { group, measure, kind, most, windowMs, share, state, displaced } };
  }
}
