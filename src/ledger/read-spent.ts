import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { chargedOutcomes } from './charged-outcome.ts';
import { databasePath } from './journal-file.ts';
import { markFrom } from '../std/time-ordered-id.ts';
import { toLedgerError } from './ledger-error.ts';

/** What was charged to one key of one team. */
export interface SpentByKey {
  readonly keyId: string;
  readonly tenant: string;
  readonly tokens: number;
  /** In billionths of a dollar: each charge is rounded before the sum, as budgets count it. */
  readonly nanoUsd: number;
}

/** What was charged to one key in one second, by one of several processes. */
export interface SpentInSecond extends SpentByKey {
  /** Since 1970. */
  readonly second: number;
}

const busyTimeoutMs = 5000;
const isCharged = `outcome IN (${chargedOutcomes.map((outcome) => `'${outcome}'`).join(', ')})`;
// Half is added and the rest cut off, which is how `toNanoUsd` rounds: SQLite's own `round` promises nothing of halves.
const sums = `TOTAL(input_tokens + output_tokens) AS tokens, TOTAL(CAST(charge_usd * 1e9 + 0.5 AS INTEGER)) AS nanoUsd`;
const byKey = `
  SELECT key_id AS keyId, tenant, ${sums} FROM charges JOIN labels USING (label_id)
  WHERE settled_at_wall_ms >= ? AND settled_at_wall_ms < ? AND ${isCharged} GROUP BY 1, 2`;
const byMark = `
  SELECT key_id AS keyId, tenant, CAST(settled_at_wall_ms / 1000 AS INTEGER) AS second, ${sums} FROM charges JOIN labels USING (label_id)
  WHERE settled_at_wall_ms >= ? AND substr(request_id, instr(request_id, '_') + ${1 + markFrom}, 2) = ? AND ${isCharged} GROUP BY 1, 2, 3`;

const counted = { tokens: z.number(), nanoUsd: z.number() };
const keyRows = z.array(z.object({ keyId: z.string(), tenant: z.string(), ...counted }));
const secondRows = z.array(z.object({ keyId: z.string(), tenant: z.string(), second: z.number(), ...counted }));

/**
 * What every key was charged by requests that were settled from `fromMs` to before `untilMs`. Reads what is in the
 * database; what a journal holds must be drained before. Throws a `LedgerError`.
 */
export function readSpentByKey(directory: string, fromMs: number, untilMs: number): readonly SpentByKey[] {
  return reading(directory, (database) => keyRows.parse(database.prepare(byKey).all(fromMs, untilMs)));
}

/** The same since `fromMs` by seconds, of requests whose ids bear this mark (see `timeOrderedIds`). */
export function readSpentByMark(directory: string, mark: string, fromMs: number): readonly SpentInSecond[] {
  return reading(directory, (database) => secondRows.parse(database.prepare(byMark).all(fromMs, mark)));
}

function reading<Rows>(directory: string, read: (database: DatabaseSync) => Rows): Rows {
  const path = databasePath(directory);
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
    try {
      return read(database);
    } finally {
      database.close();
    }
  } catch (error) {
    throw toLedgerError(error, `database ${path}`);
  }
}
