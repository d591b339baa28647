import { budgetReserved, budgetSpent, rateExceeded, tooManyAtOnce } from './refuse.ts';
import { failure, success, type Result } from '../std/result.ts';
import type { Counted } from '../std/sliding-count.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { Gate } from './gate.ts';
import type { Need, Refusal, Reservation, Spent, Standing } from './reservation.ts';
import type { RateMeter, RateStanding } from './rate-meter.ts';
import type { SpendMeter } from './spend-meter.ts';

/** All that the limits of one payer count, from the key's own up to the whole gateway's. */
export interface Meters {
  readonly spends: readonly SpendMeter[];
  readonly rates: readonly RateMeter[];
  readonly gates: readonly Gate[];
}

/**
 * Stands before one key's requests. Every limit of every level is checked, and only then is anything counted, within one
 * turn: so nothing comes between, and a refused request leaves no trace (fault 94, security requirement S26).
 */
export class Guard {
  readonly #meters: Meters;

  constructor(meters: Meters) {
    this.#meters = meters;
  }

  reserve(need: Need, nowMs: number, wallMs: number): Result<Reservation, Refusal> {
    const fault = this.#refusal(need, nowMs, wallMs);
    if (fault !== undefined) return failure({ fault, standing: this.#standing(nowMs) });
    const { spends, rates, gates } = this.#meters;
    for (const meter of spends) meter.reserve(needOf(meter, need));
    for (const gate of gates) gate.enter();
    const counted = rates.map((meter) => meter.add(rateNeedOf(meter, need), nowMs));
    return success(new Held(this.#meters, need, counted, nowMs, this.#standing(nowMs)));
  }

  #refusal(need: Need, nowMs: number, wallMs: number): Fault | undefined {
    const { spends, rates, gates } = this.#meters;
    let reserved: SpendMeter | undefined;
    for (const meter of spends) {
      const amount = needOf(meter, need);
      const left = meter.left(wallMs);
      if (amount <= left) continue;
      // A budget that is spent is said before one that is only held by others: waiting helps against the second alone.
      if (amount > left + meter.reserved) return budgetSpent(meter, amount, wallMs);
      reserved ??= meter;
    }
    for (const meter of rates) {
      const amount = rateNeedOf(meter, need);
      if (amount > meter.left(nowMs)) return rateExceeded(meter, amount, nowMs);
    }
    if (reserved !== undefined) return budgetReserved(reserved);
    for (const { isFull, level, most } of gates) if (isFull) return tooManyAtOnce(level, most);
    return undefined;
  }

  #standing(nowMs: number): Standing | undefined {
    const { rates } = this.#meters;
    return rates.length === 0 ? undefined : { requests: tightest(rates, 'requests', nowMs), tokens: tightest(rates, 'tokens', nowMs) };
  }
}

class Held implements Reservation {
  readonly need: Need;
  readonly standing: Standing | undefined;
  readonly #counted: readonly Counted[];
  readonly #reservedAtMs: number;
  #meters: Meters | undefined;

  constructor(meters: Meters, need: Need, counted: readonly Counted[], reservedAtMs: number, standing: Standing | undefined) {
    this.#meters = meters;
    this.need = need;
    this.#counted = counted;
    this.#reservedAtMs = reservedAtMs;
    this.standing = standing;
  }

  settle(spent: Spent, wallMs: number): void {
    const meters = this.#meters;
    if (meters === undefined) return;
    this.#meters = undefined;
    const { mostTokens, mostNanoUsd } = this.need;
    for (const meter of meters.spends) {
      meter.release(needOf(meter, this.need));
      meter.spend(meter.kind.of === 'usd' ? Math.min(spent.nanoUsd, mostNanoUsd) : Math.min(spent.tokens, mostTokens), wallMs);
    }
    for (const gate of meters.gates) gate.leave();
    for (let index = 0; index < meters.rates.length; index += 1) {
      const meter = meters.rates[index];
      const counted = this.#counted[index];
      if (meter?.kind.of === 'tokens' && counted !== undefined) meter.correct(counted, spent.tokens, this.#reservedAtMs);
    }
  }
}

function needOf({ kind }: SpendMeter, { mostNanoUsd, mostTokens }: Need): number {
  return kind.of === 'usd' ? mostNanoUsd : mostTokens;
}

function rateNeedOf({ kind }: RateMeter, { rateTokens }: Need): number {
  return kind.of === 'requests' ? 1 : rateTokens;
}

/** Of several levels, the one that is nearest to its end. */
function tightest(rates: readonly RateMeter[], of: RateMeter['kind']['of'], nowMs: number): RateStanding | undefined {
  let found: RateMeter | undefined;
  for (const meter of rates) if (meter.kind.of === of && (found === undefined || meter.left(nowMs) < found.left(nowMs))) found = meter;
  return found?.standing(nowMs);
}
