import { DeficitCounter, type ShareCredit } from './share-credit.ts';
import { mostUnitsOf, settledUnitsOf, unitsOf, type ShareCap, type Side } from './share-cap.ts';
import { SharePrice } from './share-price.ts';
import { ShareWindow } from './share-window.ts';
import type { CapStanding } from '../dependence/dependence-report.ts';
import type { RequestSize } from '../choice/ask.ts';

/** A share from this part of its cap on is near it. */
const near = 0.9;
/** What a unit is taken to cost before any price was seen. */
const assumedUsd = { tokens: 1e-6, requests: 1e-3, usd: 1 } as const;

/** A running request as one cap counts it. */
export interface CapEntry {
  readonly account: CapAccount;
  readonly window: ShareWindow;
  readonly side: 'group' | 'rest';
  readonly units: number;
  readonly mostUnits: number;
  readonly yielded: boolean;
}

export type NewCredit = (cap: ShareCap, windowIndex: number) => ShareCredit;

export const deficitCredit: NewCredit = (cap) => new DeficitCounter(cap.most, cap.minimumVolume);

/** One cap with its present window, its price, and what it displaced. */
export class CapAccount {
  readonly cap: ShareCap;
  readonly #originMs: number;
  readonly #newCredit: NewCredit;
  readonly #price: SharePrice;
  #window: ShareWindow;
  /** What the window before this one settled, by which this one's steps are measured. */
  #volumeBefore = 0;
  #meanMostUnits = 0;
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
    const index = Math.floor((nowMs - this.#originMs) / this.cap.windowMs);
    if (index > this.#window.index) {
      this.#volumeBefore = this.#window.settled;
      this.#window = new ShareWindow(index, this.#newCredit(this.cap, index));
    }
    return this.#window;
  }

  endsInMs(nowMs: number): number {
    const { windowMs } = this.cap;
    return windowMs - ((((nowMs - this.#originMs) % windowMs) + windowMs) % windowMs);
  }

  /** Whether a request of the group fits. What has no known price fits no cap on money. */
  hasRoom(size: RequestSize, nowMs: number): boolean {
    if (this.cap.kind === 'soft') return true;
    const units = mostUnitsOf(this.cap.measure, size);
    return units !== undefined && this.window(nowMs).credit.has(units);
  }

  /** What a request of the group costs more by this cap, in US dollars. */
  priceUsd(size: RequestSize, nowMs: number): number {
    const window = this.window(nowMs);
    const volume = Math.max(this.cap.minimumVolume, window.settled, 1e-12);
    const above = this.cap.kind === 'soft' ? window.excess(this.cap.most) / volume : 0;
    const unitUsd = this.#price.usd(above);
    return unitUsd === 0 ? 0 : unitUsd * (unitsOf(this.cap.measure, size) ?? 0);
  }

  dispatched(side: 'group' | 'rest', size: RequestSize, yielded: boolean, nowMs: number): CapEntry {
    const window = this.window(nowMs);
    const units = unitsOf(this.cap.measure, size) ?? 0;
    const mostUnits = mostUnitsOf(this.cap.measure, size) ?? 0;
    this.#price.saw(size.usd === undefined || !(units > 0) ? undefined : size.usd / units);
    this.#meanMostUnits += (mostUnits - this.#meanMostUnits) * (this.#meanMostUnits === 0 ? 1 : 0.05);
    if (side === 'group' && !yielded) window.credit.take(mostUnits);
    const excess = window.excess(this.cap.most);
    window.run(side, units);
    if (!yielded) this.#follow(window, excess);
    return { account: this, window, side, units, mostUnits, yielded };
  }

  /** `actual` undefined: nobody knows, so that it counts as the most against its group, and as nothing for the rest. */
  settled({ window, side, units, mostUnits, yielded }: CapEntry, actual: RequestSize | undefined, nowMs: number): void {
    this.window(nowMs);
    const told = actual === undefined ? undefined : settledUnitsOf(this.cap.measure, actual);
    const used = told ?? (side === 'group' ? mostUnits : 0);
    const excess = window.excess(this.cap.most);
    window.settle(side, units, used, yielded);
    if (yielded) return;
    this.#follow(window, excess);
    if (side === 'group') window.credit.settle(mostUnits, used);
    else window.credit.grow(used);
  }

  /** The price follows the lead that the group has over its part; what settles for an earlier window moves it no more. */
  #follow(window: ShareWindow, excessBefore: number): void {
    if (window !== this.#window) return;
    const volume = Math.max(this.cap.minimumVolume, this.#volumeBefore, window.settled, 1e-12);
    this.#price.moved(window.excess(this.cap.most) - excessBefore, volume);
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

  standing(yielding: boolean, nowMs: number): CapStanding {
    const { group, measure, kind, most, windowMs, minimumVolume } = this.cap;
    const window = this.window(nowMs);
    const { group: units, rest } = window.volumes;
    const share = units === 0 ? 0 : units / (units + rest);
    const { requests, tokens, usd, usdKnown, ttftMs, ttftKnown } = this.#displaced;
    const calm = share >= near * most ? 'near' : 'room';
    const state = yielding ? 'yielding' : this.isBinding(nowMs) ? 'binding' : window.settled < minimumVolume ? 'below-minimum' : calm;
    return {
      group,
      measure,
      kind,
      most,
      windowMs,
      share,
      state,
      displaced: { requests, tokens, extraUsd: usdKnown ? usd : undefined, extraTtftMs: ttftKnown === 0 ? undefined : ttftMs / ttftKnown },
    };
  }
}
