import { budgetReserved, budgetSpent, rateExceeded, tooManyAtOnce } from './refuse.ts';
import { failure, success, type Result } from '../std/result.ts';
import type { Counted } from '../std/sliding-count.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { Gate } from './gate.ts';
import type { Moment, Need, Refusal, Reservation, Spent, Standing } from './reservation.ts';
import type { RateMeter, RateStanding } from './rate-meter.ts';
import type { SpendMeter } from './spend-meter.ts';

/** All that the limits of one payer count, from the key's own up to the whole gateway's. */
export interface Meters {
  readonly spends: readonly SpendMeter[];
  readonly rates: readonly RateMeter[];
  readonly gates: readonly Gate[];
}

export type Meter = SpendMeter | RateMeter | Gate;

/**
 * Stands before one key's requests. Every limit of every level is checked, and only then is anything counted, within one
 * turn: so nothing comes between, and a refused request leaves no trace (fault 94, security requirement S26).
 */
export class Guard {
  readonly meters: Meters;

  constructor(meters: Meters) {
    this.meters = meters;
  }

  reserve(need: Need, at: Moment): Result<Reservation, Refusal> {
    const fault = this.refusal(need, at);
    if (fault !== undefined) return failure({ fault, standing: this.standing(at) });
    const { spends, rates, gates } = this.meters;
    for (const meter of spends) meter.reserve(meter.amountOf(need));
    for (const gate of gates) gate.reserve(1);
    const counted: Counted[] = [];
    for (const meter of rates) counted.push(meter.add(meter.amountOf(need), at.nowMs));
    return success(new Held(this.meters, need, counted, at.nowMs, this.standing(at)));
  }

  /** Why a request cannot be let through now; undefined where it can. */
  refusal(need: Need, at: Moment): Fault | undefined {
    const { spends, rates, gates } = this.meters;
    let reserved: SpendMeter | undefined;
    for (const meter of spends) {
      const amount = meter.amountOf(need);
      const left = meter.left(at);
      if (amount <= left) continue;
      // A budget that is spent is said before one that is only held by others: waiting helps against the second alone.
      if (amount > left + meter.reserved) return budgetSpent(meter, amount, at.wallMs);
      reserved ??= meter;
    }
    for (const meter of rates) {
      const amount = meter.amountOf(need);
      if (amount > meter.left(at)) return rateExceeded(meter, amount, at.nowMs);
    }
    if (reserved !== undefined) return budgetReserved(reserved);
    for (const gate of gates) if (gate.left() < 1) return tooManyAtOnce(gate.level, gate.most);
    return undefined;
  }

  standing(at: Moment): Standing | undefined {
    const { rates } = this.meters;
    return rates.length === 0 ? undefined : { requests: tightest(rates, 'requests', at), tokens: tightest(rates, 'tokens', at) };
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
      meter.release(meter.amountOf(this.need));
      meter.spend(meter.kind.of === 'usd' ? Math.min(spent.nanoUsd, mostNanoUsd) : Math.min(spent.tokens, mostTokens), wallMs);
    }
    for (const gate of meters.gates) gate.release(1);
    for (let index = 0; index < meters.rates.length; index += 1) {
      const meter = meters.rates[index];
      const counted = this.#counted[index];
      if (meter?.kind.of === 'tokens' && counted !== undefined) meter.correct(counted, spent.tokens, this.#reservedAtMs);
    }
  }
}

/** Of several levels, the one that is nearest to its end. */
function tightest(rates: readonly RateMeter[], of: RateMeter['kind']['of'], at: Moment): RateStanding | undefined {
  let found: RateMeter | undefined;
  for (const meter of rates) if (meter.kind.of === of && (found === undefined || meter.left(at) < found.left(at))) found = meter;
  return found?.standing(at);
}
