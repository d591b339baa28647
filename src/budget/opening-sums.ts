import type { Calendar, Span } from './calendar.ts';
import type { Level, Payer, Period } from './limits.ts';

/** What one key was charged in some time, as the ledger has it. */
export interface SpentRow extends Payer {
  readonly tokens: number;
  readonly nanoUsd: number;
}

/** The ledger's sums by key, over what was settled from `fromMs` to before `untilMs`. */
export type ReadSpent = (fromMs: number, untilMs: number) => readonly SpentRow[];

export interface Sum {
  tokens: number;
  nanoUsd: number;
}

const periods = ['day', 'month'] as const;
const nothing: Sum = { tokens: 0, nanoUsd: 0 };

/** What everybody had spent in the present day and month when the ledger was read: what meters begin with. */
export class OpeningSums {
  readonly #spans: Record<Period, Span>;
  readonly #sums = new Map<string, Sum>();

  constructor(calendar: Calendar, wallMs: number, readSpent: ReadSpent) {
    this.#spans = { day: calendar.span('day', wallMs), month: calendar.span('month', wallMs) };
    for (const period of periods) {
      const { startMs, endMs } = this.#spans[period];
      for (const { keyId, tenant, tokens, nanoUsd } of readSpent(startMs, endMs)) {
        for (const [level, id] of [
          ['key', keyId],
          ['team', tenant],
          ['whole', ''],
        ] as const) {
          const sum = this.#sum(period, level, id);
          sum.tokens += tokens;
          sum.nanoUsd += nanoUsd;
        }
      }
    }
  }

  /** Nothing for a window that began after the ledger was read: all that is spent in it was metered. */
  of(period: Period, level: Level, id: string, windowStartMs: number): Readonly<Sum> {
    return this.#spans[period].startMs === windowStartMs ? (this.#sums.get(nameOf(period, level, id)) ?? nothing) : nothing;
  }

  #sum(period: Period, level: Level, id: string): Sum {
    const name = nameOf(period, level, id);
    const known = this.#sums.get(name);
    if (known !== undefined) return known;
    const sum = { tokens: 0, nanoUsd: 0 };
    this.#sums.set(name, sum);
    return sum;
  }
}

function nameOf(period: Period, level: Level, id: string): string {
  return `${period} ${level} ${id}`;
}
