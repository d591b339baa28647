import { GateSlice, RateSlice, SpendSlice, type OpenAccount, type Slice } from './slice.ts';
import type { ChargedRow } from './lease-message.ts';
import type { Moment, Need, Reservation, Spent, Standing } from '../reservation.ts';
import type { Payer } from '../limits.ts';
import type { RateStanding } from '../rate-meter.ts';

const minuteMs = 60_000;
const mostSeconds = 60;

/** Where slices and payers say that they have something to tell. */
export interface Outbox {
  readonly slices: Slice[];
  readonly payers: PayerSlices[];
  /** A request took from slices, or gave back to them. */
  readonly changed: (isUrgent: boolean) => void;
}

/** What a holder has of all the limits of one payer. */
export class PayerSlices {
  readonly payer: Payer;
  readonly slices: readonly Slice[];
  readonly #spends: readonly SpendSlice[];
  readonly #rates: readonly RateSlice[];
  readonly #gates: readonly GateSlice[];
  readonly #outbox: Outbox;
  readonly #charged: { second: number; tokens: number; nanoUsd: number }[] = [];
  isTouched = false;

  constructor({ keyId, tenant }: Payer, slices: readonly Slice[], outbox: Outbox) {
    this.payer = { keyId, tenant };
    this.slices = slices;
    this.#spends = slices.filter((slice) => slice instanceof SpendSlice);
    this.#rates = slices.filter((slice) => slice instanceof RateSlice);
    this.#gates = slices.filter((slice) => slice instanceof GateSlice);
    this.#outbox = outbox;
  }

  covers(need: Need, wallMs: number): boolean {
    for (const slice of this.slices) if (!slice.covers(need, wallMs)) return false;
    return true;
  }

  /** Only for what is covered. */
  take(need: Need, { nowMs }: Pick<Moment, 'nowMs'>): Reservation {
    for (const slice of this.#spends) slice.take(slice.amountOf(need));
    for (const slice of this.#rates) slice.use(slice.amountOf(need), nowMs);
    for (const slice of this.#gates) slice.take(1);
    let isUrgent = false;
    for (const slice of this.slices) {
      if (!slice.isTouched) this.#touch(slice);
      isUrgent ||= slice.isLow;
    }
    this.#outbox.changed(isUrgent);
    return new Held(this, need, nowMs, this.#standing(nowMs));
  }

  settle(need: Need, usedAtMs: number, spent: Spent, wallMs: number): void {
    const second = Math.floor(wallMs / 1000);
    let isUrgent = false;
    const tokens = Math.min(spent.tokens, need.mostTokens);
    const nanoUsd = Math.min(spent.nanoUsd, need.mostNanoUsd);
    for (const slice of this.#spends) slice.settle(slice.amountOf(need), slice.of === 'usd' ? nanoUsd : tokens, second);
    for (const slice of this.#rates) slice.settle(usedAtMs, slice.of === 'tokens' ? spent.tokens - slice.amountOf(need) : 0);
    for (const slice of this.#gates) slice.putBack(1);
    for (const slice of this.slices) {
      if (!slice.isTouched) this.#touch(slice);
      isUrgent ||= slice.isStrict;
    }
    if (this.#spends.length > 0) this.#charge(tokens, nanoUsd, second);
    this.#outbox.changed(isUrgent);
  }

  tell(rows: OpenAccount['charged']): void {
    this.isTouched = false;
    const { keyId, tenant } = this.payer;
    for (const { second, tokens, nanoUsd } of this.#charged.splice(0)) rows.push({ keyId, tenant, second, tokens, nanoUsd } satisfies ChargedRow);
  }

  #charge(tokens: number, nanoUsd: number, second: number): void {
    const last = this.#charged.at(-1);
    if (last !== undefined && (last.second === second || this.#charged.length >= mostSeconds)) {
      last.tokens += tokens;
      last.nanoUsd += nanoUsd;
    } else this.#charged.push({ second, tokens, nanoUsd });
    if (this.isTouched) return;
    this.isTouched = true;
    this.#outbox.payers.push(this);
  }

  #touch(slice: Slice): void {
    slice.isTouched = true;
    this.#outbox.slices.push(slice);
  }

  #standing(nowMs: number): Standing | undefined {
    if (this.#rates.length === 0) return undefined;
    return { requests: this.#tightest('requests', nowMs), tokens: this.#tightest('tokens', nowMs) };
  }

  /** Of several levels, the one that is nearest to its end, by the arbiter's last word and what was used here since. */
  #tightest(of: Slice['of'], nowMs: number): RateStanding | undefined {
    let found: RateSlice | undefined;
    for (const slice of this.#rates) if (slice.of === of && (found === undefined || slice.left < found.left)) found = slice;
    if (found === undefined) return undefined;
    return { limit: found.most, remaining: Math.max(0, found.left), resetMs: minuteMs + RateSlice.untilSlotEndMs(nowMs) };
  }
}

class Held implements Reservation {
  readonly need: Need;
  readonly standing: Standing | undefined;
  readonly #takenAtMs: number;
  #slices: PayerSlices | undefined;

  constructor(slices: PayerSlices, need: Need, takenAtMs: number, standing: Standing | undefined) {
    this.#slices = slices;
    this.need = need;
    this.#takenAtMs = takenAtMs;
    this.standing = standing;
  }

  settle(spent: Spent, wallMs: number): void {
    const slices = this.#slices;
    this.#slices = undefined;
    slices?.settle(this.need, this.#takenAtMs, spent, wallMs);
  }
}
