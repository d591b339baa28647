import { LentMeter } from './lent-meter.ts';
import { ToldCharges } from './told-charges.ts';
import type { Budgets } from '../budgets.ts';
import type { ChargedRow, LeaseAccount, LeaseAsk, LeaseOrder, LentSpan } from './lease-message.ts';
import type { Fault } from '../../std/error-catalogue.ts';
import type { Guard, Meter } from '../guard.ts';
import type { Moment, Need } from '../reservation.ts';

interface Holder {
  /** Puts an order among those that go out when all is decided. */
  readonly tell: (order: LeaseOrder) => void;
  readonly told: ToldCharges;
  isGone: boolean;
  /** How many recalls were sent, and how many obeyed. */
  recalls: number;
  obeyed: number;
  /** How far our monotonic clock is ahead of the holder's, at most. */
  clockAheadMs: number;
}

interface Waiting extends LeaseAsk {
  readonly holder: number;
  readonly sinceMs: number;
}

/** A holder that has not given back by then is stuck: what it has counts as held by requests. */
export const recallPatienceMs = 1000;
/** Requests that may wait for a recall at once; more are refused. */
const mostWaiting = 4096;
const retryAfterMs = 1000;
/** So many accounts are noted together where there is nothing to say. */
const notedEvery = 16;

/**
 * The arbiter's side of limits that hold for several processes: who has which slice of which meter. Whatever is lent
 * counts as reserved, so no limit is ever over. A request that does not fit for what others may only have in stock waits
 * until they gave that back, so none is refused for nothing. Pure: time comes in, and orders go out by `tell`.
 */
export class LeaseBook {
  readonly #budgets: Budgets;
  readonly #holders = new Map<number, Holder>();
  #lent = new Map<Meter, LentMeter>();
  #byId = new Map<number, LentMeter>();
  #waiting: Waiting[] = [];
  /** Whoever is told something may answer at once, and must find all decided. */
  readonly #outgoing: (() => void)[] = [];
  #nextMeter = 1;

  constructor(budgets: Budgets) {
    this.#budgets = budgets;
  }

  /** Whether requests wait, so that `late` must be called in time. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  joined(holder: number, tell: (order: LeaseOrder) => void, wallMs: number): void {
    const later = (order: LeaseOrder): void => void this.#outgoing.push(() => tell(order));
    this.#holders.set(holder, {
      tell: later,
      told: new ToldCharges(wallMs),
      isGone: false,
      recalls: 0,
      obeyed: 0,
      clockAheadMs: Number.POSITIVE_INFINITY,
    });
  }

  ask(holder: number, ask: LeaseAsk, at: Moment): void {
    const known = this.#holders.get(holder);
    if (known === undefined || known.isGone) return;
    known.told.heard([], at.wallMs);
    const waiting = { ...ask, holder, sinceMs: at.nowMs };
    const isDecided = this.#decided(waiting, at);
    if (!isDecided && this.#waiting.length < mostWaiting) this.#waiting.push(waiting);
    else if (!isDecided) {
      const fault: Fault = { code: 'limits_unavailable', retryAfterMs };
      known.tell({ kind: 'refused', id: ask.id, refusal: { fault, standing: undefined } });
    }
    this.#send();
  }

  account(holder: number, account: LeaseAccount, at: Moment): void {
    const known = this.#holders.get(holder);
    if (known === undefined) return;
    known.told.heard(account.charged, at.wallMs);
    for (const [id, second, amount] of account.spends) this.#byId.get(id)?.spent(holder, amount, second * 1000);
    // The quickest message tells best how far its clock is from ours, and never too little.
    known.clockAheadMs = Math.min(known.clockAheadMs, at.nowMs - account.sentAtMs);
    for (const [id, fromMs, taken, corrected] of account.rates) {
      this.#byId.get(id)?.used(holder, fromMs + known.clockAheadMs, taken, corrected, at.nowMs);
    }
    for (const [id, amount] of account.returns) this.#byId.get(id)?.takeBack(holder, amount);
    for (const [id, amount] of account.stocks) this.#byId.get(id)?.told(holder, amount);
    if (known.isGone) return;
    if (account.recalled > known.obeyed) this.#obeyed(holder, known, account.recalled, at);
    const tops = account.wishes.flatMap(([id, wanted, each]) => this.#topUp(holder, id, wanted, each, at));
    const lefts = account.rates.flatMap(([id]) => this.#leftOf(id, at));
    if (tops.length > 0 || lefts.length > 0 || account.seq % notedEvery === 0) known.tell({ kind: 'noted', seq: account.seq, tops, lefts });
    this.#send();
  }

  /** Requests that wait for a holder that is stuck are decided without it. */
  late(at: Moment): void {
    if (this.#waiting.some(({ sinceMs }) => at.nowMs - sinceMs >= recallPatienceMs)) this.#decideAgain(at);
    this.#send();
  }

  /** A holder's process ended. What it had counts on until `charged` and `closed` say what became of it. */
  left(holder: number, at: Moment): void {
    const known = this.#holders.get(holder);
    if (known === undefined) return;
    known.isGone = true;
    for (const lent of this.#lent.values()) lent.left(holder, at.nowMs);
    this.#waiting = this.#waiting.filter((waiting) => waiting.holder !== holder);
    this.#decideAgain(at);
    this.#send();
  }

  /** From when on the ledger is to be asked what a holder that is gone charged, by its own word in the ledger. */
  untoldSinceWallMs(holder: number): number | undefined {
    return this.#holders.get(holder)?.told.sinceWallMs;
  }

  /** What the ledger says that a holder that is gone charged; what it had told of it is known already. */
  charged(holder: number, rows: readonly ChargedRow[], wallMs: number): void {
    for (const row of this.#holders.get(holder)?.told.untold(rows) ?? []) {
      for (const meter of this.#budgets.guardOf(row, wallMs)?.meters.spends ?? []) {
        this.#lentOf(meter).spent(holder, meter.kind.of === 'usd' ? row.nanoUsd : row.tokens, row.second * 1000);
      }
    }
  }

  /** Nothing more is to be learned of a holder that is gone: what it had is free. */
  closed(holder: number): void {
    for (const lent of this.#lent.values()) lent.takeBack(holder, lent.holdings.get(holder)?.lent ?? 0);
    this.#holders.delete(holder);
  }

  /** Other limits are in use: nobody keeps a stock that was measured by those of before. */
  changed(at: Moment): void {
    const meters = new Set(this.#budgets.meters());
    this.#lent = new Map([...this.#lent].filter(([meter]) => meters.has(meter)));
    this.#byId = new Map([...this.#lent.values()].map((lent) => [lent.id, lent]));
    for (const [id, holder] of this.#holders) {
      if (holder.isGone) continue;
      holder.recalls += 1;
      for (const lent of this.#lent.values()) if (lent.holdings.has(id)) lent.recalled(id, holder.recalls, at.nowMs);
      holder.tell({ kind: 'recalled', recall: holder.recalls, meters: undefined });
    }
    this.#decideAgain(at);
    this.#send();
  }

  /** How much of what a meter has reserved lies in stock, as it was told last. */
  stockOf(meter: Meter): number {
    return this.#lent.get(meter)?.stock ?? 0;
  }

  /** False where it must wait for what others give back. */
  #decided(asked: Waiting, at: Moment): boolean {
    const { id, holder, payer, need } = asked;
    const tell = this.#holders.get(holder)?.tell;
    const guard = this.#budgets.guardOf(payer, at.wallMs);
    const fault = guard?.refusal(need, at);
    if (guard === undefined || fault === undefined) {
      const holders = this.#living();
      const parts = allOf(guard).map((meter) => this.#lentOf(meter).lendFor(holder, need, holders, at));
      tell?.({ kind: 'lent', id, parts });
      return true;
    }
    if (!isFinal(fault) && this.#waitsFor(guard, need, at)) return false;
    tell?.({ kind: 'refused', id, refusal: { fault, standing: guard.standing(at) } });
    return true;
  }

  /** Calls in what could let this request through; false where nothing could. */
  #waitsFor(guard: Guard, need: Need, at: Moment): boolean {
    const lacking = allOf(guard)
      .filter((meter) => meter.amountOf(need) > meter.left(at))
      .map((meter) => this.#lentOf(meter));
    const isHopeful = (lent: LentMeter): boolean => lent.isWaitedFor(at.nowMs, recallPatienceMs) || lent.isStocked;
    if (!lacking.every(isHopeful)) return false;
    for (const [id, holder] of this.#holders) {
      const stocks = lacking.filter((lent) => lent.isStockedBy(id));
      if (stocks.length === 0) continue;
      holder.recalls += 1;
      for (const lent of stocks) lent.recalled(id, holder.recalls, at.nowMs);
      holder.tell({ kind: 'recalled', recall: holder.recalls, meters: stocks.map((lent) => lent.id) });
    }
    return true;
  }

  #obeyed(id: number, holder: Holder, recall: number, at: Moment): void {
    holder.obeyed = recall;
    for (const lent of this.#lent.values()) lent.obeyed(id, recall);
    this.#decideAgain(at);
  }

  #decideAgain(at: Moment): void {
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter((asked) => !this.#decided(asked, at));
  }

  #send(): void {
    for (let send = this.#outgoing.shift(); send !== undefined; send = this.#outgoing.shift()) send();
  }

  #topUp(holder: number, id: number, wanted: number, each: number, at: Moment): (readonly [number, number, LentSpan])[] {
    const lent = this.#byId.get(id);
    const amount = lent?.topUp(holder, { wanted, each }, this.#living(), at) ?? 0;
    return lent === undefined || amount === 0 ? [] : [[id, amount, lent.span(at.wallMs)]];
  }

  #leftOf(id: number, at: Moment): (readonly [number, number])[] {
    const lent = this.#byId.get(id);
    return lent === undefined ? [] : [[id, lent.meter.left(at) + lent.stock]];
  }

  #living(): number {
    let count = 0;
    for (const { isGone } of this.#holders.values()) if (!isGone) count += 1;
    return count;
  }

  #lentOf(meter: Meter): LentMeter {
    const known = this.#lent.get(meter);
    if (known !== undefined) return known;
    const lent = new LentMeter(this.#nextMeter, meter);
    this.#nextMeter += 1;
    this.#lent.set(meter, lent);
    this.#byId.set(lent.id, lent);
    return lent;
  }
}

function allOf(guard: Guard | undefined): readonly Meter[] {
  return guard === undefined ? [] : [...guard.meters.spends, ...guard.meters.rates, ...guard.meters.gates];
}

/** No stock that is given back helps against what is spent, or against a request that is too large for any minute. */
function isFinal({ code, lasting }: Fault): boolean {
  return code === 'insufficient_quota' || lasting === true;
}
