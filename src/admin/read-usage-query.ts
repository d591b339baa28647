import { z } from 'zod';
import { failure, success, type Result } from '../std/result.ts';
import type { Fault } from '../std/error-catalogue.ts';
import { usageGroupings, type UsageQuery } from '../ledger/ledger.ts';

const wallMs = z
  .string()
  .regex(/^\d{1,15}$/, 'milliseconds since 1970')
  .optional();

/** What `GET /control/v1/usage` may be asked. */
export const usageQuerySchema = z.strictObject({
  groupBy: z.enum(usageGroupings).default('model').describe('What a row stands for.'),
  sinceWallMs: wallMs.describe('Only what was settled at this time or later, in milliseconds since 1970.'),
  untilWallMs: wallMs.describe('Only what was settled before it.'),
});

export function toUsageQuery({ groupBy, sinceWallMs, untilWallMs }: z.infer<typeof usageQuerySchema>): UsageQuery {
  return {
    groupBy,
    ...(sinceWallMs === undefined ? {} : { sinceWallMs: Number(sinceWallMs) }),
    ...(untilWallMs === undefined ? {} : { untilWallMs: Number(untilWallMs) }),
  };
}

export function readUsageQuery(given: unknown): Result<UsageQuery, Fault> {
  const parsed = usageQuerySchema.safeParse(given);
  return parsed.success ? success(toUsageQuery(parsed.data)) : failure({ code: 'invalid_request' });
}

/** The same as the part of a path that follows it. */
export function usageSearch(query: UsageQuery): string {
  return `?${new URLSearchParams(Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]))).toString()}`;
}
