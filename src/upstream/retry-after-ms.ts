import { headerText, type ResponseHeaders } from './response-headers.ts';

/** A vendor may ask for hours; nobody is left alone for longer than this without being asked again. */
const longestMs = 300_000;
const unitsMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/**
 * How long an endpoint asks to be left alone (fault 12): `retry-after-ms`, else `retry-after` in seconds or as a date,
 * else the `x-ratelimit-reset-*` of what is used up. Undefined where it does not say.
 */
export function retryAfterMs(headers: ResponseHeaders): number | undefined {
  const asked = milliseconds(headerText(headers, 'retry-after-ms')) ?? afterMs(headerText(headers, 'retry-after'), headers) ?? resetMs(headers);
  return asked === undefined ? undefined : Math.min(Math.ceil(asked), longestMs);
}

function milliseconds(value: string | undefined): number | undefined {
  return value !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}

function afterMs(value: string | undefined, headers: ResponseHeaders): number | undefined {
  if (value === undefined) return undefined;
  const seconds = milliseconds(value);
  if (seconds !== undefined) return seconds * 1000;
  return untilMs(Date.parse(value), headers);
}

/** Measured against the response's own date: the two clocks need not agree. */
function untilMs(wallMs: number, headers: ResponseHeaders): number | undefined {
  const sentMs = Date.parse(headerText(headers, 'date') ?? '');
  return Number.isNaN(wallMs) || Number.isNaN(sentMs) ? undefined : Math.max(0, wallMs - sentMs);
}

/** Several budgets may be told: the longest of those that are used up, or, where none says so, the shortest of all. */
function resetMs(headers: ResponseHeaders): number | undefined {
  const told = Object.keys(headers).flatMap((name) => {
    const budget = /^x-ratelimit-reset(.*)$/.exec(name)?.[1];
    const ms = budget === undefined ? undefined : readReset(headerText(headers, name) ?? '', headers);
    return ms === undefined ? [] : [{ ms, usedUp: headerText(headers, `x-ratelimit-remaining${budget ?? ''}`)?.trim() === '0' }];
  });
  if (told.length === 0) return undefined;
  const usedUp = told.filter((budget) => budget.usedUp);
  return usedUp.length > 0 ? Math.max(...usedUp.map(({ ms }) => ms)) : Math.min(...told.map(({ ms }) => ms));
}

/** Seconds, a Go duration (`6m0s`, `120ms`), a moment since 1970 in seconds or milliseconds, or a date of RFC 3339. */
export function readReset(value: string, headers: ResponseHeaders): number | undefined {
  const number = milliseconds(value);
  if (number !== undefined) {
    if (number > 1e12) return untilMs(number, headers);
    return number > 1e9 ? untilMs(number * 1000, headers) : number * 1000;
  }
  if (/^\s*\d{4}-\d\d-\d\dT/.test(value)) return untilMs(Date.parse(value.trim()), headers);
  if (!/^\s*(?:\d+(?:\.\d+)?(?:ms|h|m|s))+\s*$/.test(value)) return undefined;
  let total = 0;
  for (const [, count, unit] of value.matchAll(/(\d{1,15}(?:\.\d{1,15})?)(ms|h|m|s)/g)) total += Number(count) * (unitsMs[unit ?? ''] ?? 0);
  return total;
}
