import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { inTransaction } from './ledger-database.ts';

/** What the ledger no longer needs, as times on the wall clock: whatever is older. */
export interface UpkeepRules {
  /** Attempts that are unknown since before come to their end (fault 88). */
  readonly unknownBeforeWallMs: number;
  /** Settled and void attempts from before are deleted; undefined where nothing is. */
  readonly attemptsBeforeWallMs: number | undefined;
  readonly chargesBeforeWallMs: number | undefined;
}

export interface KeptRows {
  /** Unknown attempts that are settled with what was counted while they ran. */
  readonly counted: number;
  /** Unknown attempts that nobody counted anything of and no vendor billed: void. */
  readonly expired: number;
  readonly deletedAttempts: number;
  readonly deletedCharges: number;
  /** Whether there is more to do of the same kind. */
  readonly more: boolean;
}

/** So few rows a transaction that neither the journal's drain nor another process waits long for it. */
const rowsAtOnce = 500;

const idRows = z.array(z.object({ id: z.string() }));

/** One short transaction of upkeep. What is open or unknown is never deleted, however old. */
export function keepRows(database: DatabaseSync, rules: UpkeepRules): KeptRows {
  return inTransaction(database, () => {
    const counted = change(
      database,
      `UPDATE attempts SET state = 'S', resolved_by = 'counted' WHERE attempt_id IN (
        SELECT attempt_id FROM attempts WHERE state = 'U' AND opened_at_wall_ms < ? AND output_tokens IS NOT NULL LIMIT ${rowsAtOnce})`,
      rules.unknownBeforeWallMs,
    );
    const expired = change(
      database,
      `UPDATE attempts SET state = 'V', resolved_by = 'expired' WHERE attempt_id IN (
        SELECT attempt_id FROM attempts WHERE state = 'U' AND opened_at_wall_ms < ? AND output_tokens IS NULL LIMIT ${rowsAtOnce})`,
      rules.unknownBeforeWallMs,
    );
    const deletedAttempts = change(
      database,
      `DELETE FROM attempts WHERE attempt_id IN (
        SELECT attempt_id FROM attempts WHERE state IN ('S', 'V') AND opened_at_wall_ms < ? ORDER BY opened_at_wall_ms LIMIT ${rowsAtOnce})`,
      rules.attemptsBeforeWallMs,
    );
    const deletedCharges = deleteCharges(database, rules.chargesBeforeWallMs);
    const more = [counted, expired, deletedAttempts, deletedCharges].includes(rowsAtOnce);
    return { counted, expired, deletedAttempts, deletedCharges, more };
  });
}

function change(database: DatabaseSync, sql: string, beforeWallMs: number | undefined): number {
  return beforeWallMs === undefined ? 0 : Number(database.prepare(sql).run(beforeWallMs).changes);
}

function deleteCharges(database: DatabaseSync, beforeWallMs: number | undefined): number {
  if (beforeWallMs === undefined) return 0;
  const old = database.prepare(`SELECT request_id AS id FROM charges WHERE settled_at_wall_ms < ? ORDER BY settled_at_wall_ms LIMIT ${rowsAtOnce}`);
  const ids = idRows.parse(old.all(beforeWallMs));
  const deletions = [database.prepare('DELETE FROM segments WHERE request_id = ?'), database.prepare('DELETE FROM charges WHERE request_id = ?')];
  for (const { id } of ids) for (const deletion of deletions) deletion.run(id);
  return ids.length;
}
