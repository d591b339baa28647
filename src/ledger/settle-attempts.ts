import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { inTransaction } from './ledger-database.ts';

/** An attempt as the ledger has it, for who compares it with a vendor's bill. */
export interface KnownAttempt {
  readonly attemptId: string;
  readonly state: 'R' | 'S' | 'V' | 'U';
  readonly inputTokens: number | null;
  readonly cachedInputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  /** How an unknown one came to its end: nobody has seen it. */
  readonly resolvedBy: string | null;
}

/** What a vendor says that an attempt used. */
export interface VendorSettlement {
  readonly attemptId: string;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Undefined where the vendor tells tokens only: the cost is unknown then, whatever was counted of less. */
  readonly costUsd: number | undefined;
}

const attemptRow = z
  .object({
    attemptId: z.string(),
    state: z.enum(['R', 'S', 'V', 'U']),
    inputTokens: z.number().nullable(),
    cachedInputTokens: z.number().nullable(),
    outputTokens: z.number().nullable(),
    costUsd: z.number().nullable(),
    resolvedBy: z.string().nullable(),
  })
  .optional();

export function findAttempts(database: DatabaseSync, attemptIds: readonly string[]): readonly KnownAttempt[] {
  const select = database.prepare(`
    SELECT attempt_id AS attemptId, state, input_tokens AS inputTokens, cached_input_tokens AS cachedInputTokens,
      output_tokens AS outputTokens, cost_usd AS costUsd, resolved_by AS resolvedBy
    FROM attempts WHERE attempt_id = ?`);
  return attemptIds.flatMap((id) => attemptRow.parse(select.get(id)) ?? []);
}

/**
 * Settles attempts that are unknown, or whose end was only supposed, with what their vendor bills. Compare-and-set: what
 * was settled by its own answer stays. Returns how many changed.
 */
export function settleAttempts(database: DatabaseSync, settlements: readonly VendorSettlement[]): number {
  const update = database.prepare(`
    UPDATE attempts SET state = 'S', resolved_by = 'vendor', usage_source = 'upstream', input_tokens = ?, cached_input_tokens = ?,
      output_tokens = ?, cost_usd = ?
    WHERE attempt_id = ? AND (state = 'U' OR resolved_by IN ('counted', 'expired'))`);
  return inTransaction(database, () => {
    let settled = 0;
    for (const { attemptId, inputTokens, cachedInputTokens, outputTokens, costUsd } of settlements) {
      settled += Number(update.run(inputTokens, cachedInputTokens, outputTokens, costUsd ?? null, attemptId).changes);
    }
    return settled;
  });
}
