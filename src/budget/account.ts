import { atMostNanoUsd } from './nano-usd.ts';
import { Gate } from './gate.ts';
import { RateMeter } from './rate-meter.ts';
import { SpendMeter } from './spend-meter.ts';
import type { Calendar } from './calendar.ts';
import type { Level, Limits, Period } from './limits.ts';
import type { Meters } from './guard.ts';
import type { OpeningSums } from './opening-sums.ts';

export interface AccountSurroundings {
  readonly calendar: Calendar;
  readonly opening: OpeningSums;
  readonly wallMs: number;
}

const spendLimits = [
  { name: 'usdPerDay', of: 'usd', period: 'day' },
  { name: 'usdPerMonth', of: 'usd', period: 'month' },
  { name: 'tokensPerDay', of: 'tokens', period: 'day' },
  { name: 'tokensPerMonth', of: 'tokens', period: 'month' },
] as const;

/** The meters of one key, one team or the whole. They keep what they counted when their limits change. */
export class Account {
  readonly level: Level;
  readonly id: string;
  #meters: Meters = { spends: [], rates: [], gates: [] };

  constructor(level: Level, id: string) {
    this.level = level;
    this.id = id;
  }

  get meters(): Meters {
    return this.#meters;
  }

  limit(limits: Limits, around: AccountSurroundings): this {
    this.#meters = {
      spends: spendLimits.flatMap(({ name, of, period }) => {
        const most = limits[name];
        return most === undefined ? [] : [this.#spend(of, period, of === 'usd' ? atMostNanoUsd(most) : most, around)];
      }),
      rates: [...this.#rate('requests', limits.requestsPerMinute), ...this.#rate('tokens', limits.tokensPerMinute)],
      gates: limits.concurrentRequests === undefined ? [] : [this.#gate(limits.concurrentRequests)],
    };
    return this;
  }

  #spend(of: SpendMeter['kind']['of'], period: Period, most: number, { calendar, opening, wallMs }: AccountSurroundings): SpendMeter {
    const known = this.#meters.spends.find(({ kind, calendar: own }) => kind.of === of && kind.period === period && own === calendar);
    if (known !== undefined) {
      known.most = most;
      return known;
    }
    const meter = new SpendMeter({ level: this.level, of, period }, most, calendar, wallMs);
    const spent = opening.of(period, this.level, this.id, meter.window(wallMs).startMs);
    meter.spend(of === 'usd' ? spent.nanoUsd : spent.tokens, wallMs);
    return meter;
  }

  #rate(of: RateMeter['kind']['of'], most: number | undefined): RateMeter[] {
    if (most === undefined) return [];
    const known = this.#meters.rates.find(({ kind }) => kind.of === of) ?? new RateMeter({ level: this.level, of }, most);
    known.most = most;
    return [known];
  }

  #gate(most: number): Gate {
    const known = this.#meters.gates[0] ?? new Gate(this.level, most);
    known.most = most;
    return known;
  }
}
