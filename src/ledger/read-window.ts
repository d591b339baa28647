import { failure, success } from '../std/result.ts';
import type { Result } from '../std/result.ts';
import type { UsageWindow } from './ledger.ts';

/** What is wrong with a query, for who asked: which parameter, and what it should be. */
export interface QueryProblem {
  readonly param: string;
  readonly detail: string;
}

const day = /^\d{4}-\d{2}-\d{2}$/;
const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const ago = /^(\d{1,4})([hd])$/;
const hourMs = 3_600_000;

/** `from` and `to`, of which `to` is left out: days of UTC, moments with their offset, or so many hours or days ago. */
export function readWindow(query: URLSearchParams, nowWallMs: number): Result<UsageWindow, QueryProblem> {
  const from = readTime(query, 'from', nowWallMs);
  if (!from.ok) return from;
  const to = readTime(query, 'to', nowWallMs);
  if (!to.ok) return to;
  if (from.value !== undefined && to.value !== undefined && from.value >= to.value)
    return failure({ param: 'to', detail: '`to` is not after `from`.' });
  return success({ sinceWallMs: from.value, untilWallMs: to.value });
}

function readTime(query: URLSearchParams, param: 'from' | 'to', nowWallMs: number): Result<number | undefined, QueryProblem> {
  const text = query.get(param);
  if (text === null) return success(undefined);
  const [, count, unit] = ago.exec(text) ?? [];
  if (count !== undefined) return success(nowWallMs - Number(count) * (unit === 'd' ? 24 * hourMs : hourMs));
  const wallMs = day.test(text) || moment.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes the 30th of February for a day of March.
  if (Number.isNaN(wallMs) || (day.test(text) && new Date(wallMs).toISOString().slice(0, 10) !== text)) {
    return failure({ param, detail: `\`${param}\` is a day (2026-11-25, UTC), a moment (2026-11-25T13:00:00Z), or hours or days ago (24h, 30d).` });
  }
  return success(wallMs);
}
