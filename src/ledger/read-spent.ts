import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { chargedOutcomes } from './charged-outcome.ts';
import { databasePath } from './journal-file.ts';
import { toLedgerError } from './ledger-error.ts';

/** What was charged to one key of one team. */
export interface SpentByKey {
  readonly keyId: string;
  readonly tenant: string;
  readonly tokens: number;
  /** In billionths of a dollar: each charge is rounded before the sum, as budgets count it. */
  readonly nanoUsd: number;
}

/** What one request was charged. */
export interface SpentByRequest {
  readonly requestId: string;
  readonly tokens: number;
  readonly nanoUsd: number;
  readonly settledAtWallMs: number;
}

const busyTimeoutMs = 5000;
const isCharged = `outcome IN (${chargedOutcomes.map((outcome) => `'${outcome}'`).join(', ')})`;
// Half is added and the rest cut off, which is how `toNanoUsd` rounds: SQLite's own `round` promises nothing of halves.
const sums = `TOTAL(input_tokens + output_tokens) AS tokens, TOTAL(CAST(charge_usd * 1e9 + 0.5 AS INTEGER)) AS nanoUsd`;
const byKey = `
  SELECT key_id AS keyId, tenant, ${sums} FROM charges JOIN labels USING (label_id)
  WHERE settled_at_wall_ms >= ? AND settled_at_wall_ms < ? AND ${isCharged} GROUP BY 1, 2`;
const byRequest = `
  SELECT request_id AS requestId, MAX(settled_at_wall_ms) AS settledAtWallMs, ${sums} FROM charges WHERE request_id IN (SELECT value FROM json_each(?)) AND ${isCharged} GROUP BY 1`;

const counted = { tokens: z.number(), nanoUsd: z.number() };
const keyRows = z.array(z.object({ keyId: z.string(), tenant: z.string(), ...counted }));
const requestRows = z.array(z.object({ requestId: z.string(), settledAtWallMs: z.number(), ...counted }));

/**
 * What every key was charged by requests that were settled from `fromMs` to before `untilMs`. Reads what is in the
 * database; what a journal holds must be drained before. Throws a `LedgerError`.
 */
export function readSpentByKey(directory: string, fromMs: number, untilMs: number): readonly SpentByKey[] {
  return reading(directory, (database) => keyRows.parse(database.prepare(byKey).all(fromMs, untilMs)));
}

/** What these requests were charged; those that were charged nothing, or never, are left out. */
export function readSpentByRequest(directory: string, requestIds: readonly string[]): readonly SpentByRequest[] {
  if (requestIds.length === 0) return [];
  return reading(directory, (database) => requestRows.parse(database.prepare(byRequest).all(JSON.stringify(requestIds))));
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
