import type { Period } from './limits.ts';

/** A day or a month: from `startMs` to before `endMs`, on the wall clock. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

const hourMs = 3_600_000;
/** No local day or month is longer, whatever its zone does meanwhile. */
const longestMs: Readonly<Record<Period, number>> = { day: 50 * hourMs, month: 33 * 24 * hourMs };
/** Zones change by whole seconds. */
const stepMs = 1000;

/** Whether the runtime's time-zone data knows this name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

/**
 * The days and months of one time zone. A day that loses or gains an hour is 23 or 25 hours long, and one whose
 * midnight does not exist begins with the first moment that bears its date (fault 95).
 */
export class Calendar {
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #last: Record<Period, Span> = { day: { startMs: 0, endMs: 0 }, month: { startMs: 0, endMs: 0 } };

  constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', { timeZone, year: 'numeric', month: 'numeric', day: 'numeric' });
  }

  /** The day or month that a moment falls into: the one of before in nearly every call. */
  span(period: Period, wallMs: number): Span {
    const last = this.#last[period];
    if (wallMs >= last.startMs && wallMs < last.endMs) return last;
    const own = this.#number(period, wallMs);
    const found = {
      startMs: this.#firstOf(wallMs - longestMs[period], wallMs, (atMs) => this.#number(period, atMs) >= own),
      endMs: this.#firstOf(wallMs, wallMs + longestMs[period], (atMs) => this.#number(period, atMs) > own),
    };
    this.#last[period] = found;
    return found;
  }

  /** The first whole second after `beforeMs` at which it is so, where it is so at `untilMs` and stays so once begun. */
  #firstOf(beforeMs: number, untilMs: number, isSo: (atMs: number) => boolean): number {
    let before = Math.floor(beforeMs / stepMs);
    let until = Math.floor(untilMs / stepMs);
    while (until - before > 1) {
      const middle = Math.floor((before + until) / 2);
      if (isSo(middle * stepMs)) until = middle;
      else before = middle;
    }
    return until * stepMs;
  }

  /** A number that grows from each day or month to the next. */
  #number(period: Period, wallMs: number): number {
    const parts = { year: 0, month: 0, day: 0 };
    for (const { type, value } of this.#format.formatToParts(wallMs)) {
      if (type === 'year' || type === 'month' || type === 'day') parts[type] = Number(value);
    }
    const month = parts.year * 12 + parts.month;
    return period === 'month' ? month : month * 31 + parts.day;
  }
}
