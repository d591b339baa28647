import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { LedgerDefects } from './ledger-defects.ts';
import { noDefects } from './ledger-defects.ts';
import type { UsageQuery, UsageReport, UsageRow } from './ledger.ts';

type GroupBy = UsageQuery['groupBy'];

// Tokens from an emulator never count as the silicon that it imitates (DESIGN §4.10).
const vendorKey = `CASE evidence WHEN 'emulated' THEN vendor || ' (emulated)' ELSE vendor END`;

const keys: Readonly<Record<GroupBy, string>> = {
  model: 'model',
  tenant: 'tenant',
  vendor: vendorKey,
  endpoint: 'endpoint_id',
  evidence: 'evidence',
};

// TOTAL instead of SUM: it cannot overflow, and 2^53 tokens are more than all will ever be.
const fromCharges = (key: string, settledAt: string, also = ''): string => `
  SELECT ${key} AS key, COUNT(*) AS requests, TOTAL(input_tokens) AS inputTokens, TOTAL(output_tokens) AS outputTokens,
    TOTAL(charge_usd) AS usd, COUNT(*) - COUNT(charge_usd) AS unpricedRequests
  FROM charges JOIN labels USING (label_id) WHERE ${settledAt} >= ? AND ${settledAt} < ? ${also} GROUP BY 1`;

/** By silicon: charges with one segment stand under it whole, of the others each segment under its own. */
const fromWholeCharges = (key: string, settledAt: string): string => fromCharges(key, settledAt, 'AND segments <= 1');

const fromSegments = (key: string, settledAt: string): string => `
  SELECT ${key} AS key, COUNT(DISTINCT request_id) AS requests, TOTAL(charged_input_tokens) AS inputTokens,
    TOTAL(charged_output_tokens) AS outputTokens, TOTAL(charged_usd) AS usd,
    COUNT(DISTINCT CASE WHEN charged_usd IS NULL THEN request_id END) AS unpricedRequests
  FROM segments JOIN labels USING (label_id) WHERE ${settledAt} >= ? AND ${settledAt} < ? GROUP BY 1`;

const chargeRows = z.array(
  z.object({
    key: z.string(),
    requests: z.number(),
    inputTokens: z.number(),
    outputTokens: z.number(),
    usd: z.number(),
    unpricedRequests: z.number(),
  }),
);
const attemptRows = z.array(z.object({ key: z.string(), attempts: z.number() }));
const stateRow = z.object({ openAttempts: z.number(), unknownAttempts: z.number() });
const defectRows = z.array(z.object({ kind: z.string(), count: z.number() }));

/**
 * Requests, tokens and money by when the request was settled, attempts by when they were opened; from `sinceWallMs`
 * to before `untilWallMs`. A request whose answer two vendors made counts as a request of both, its tokens once.
 */
export function readUsage(database: DatabaseSync, query: UsageQuery): UsageReport {
  const key = keys[query.groupBy];
  // The sign keeps SQLite from walking the index by time and looking up every row where all are wanted anyway.
  const sign = query.sinceWallMs === undefined && query.untilWallMs === undefined ? '+' : '';
  const settledAt = `${sign}settled_at_wall_ms`;
  const charged =
    query.groupBy === 'model' || query.groupBy === 'tenant'
      ? [fromCharges(key, settledAt)]
      : [fromWholeCharges(key, settledAt), fromSegments(key, settledAt)];
  const window = [query.sinceWallMs ?? Number.MIN_SAFE_INTEGER, query.untilWallMs ?? Number.MAX_SAFE_INTEGER] as const;
  const rows = new Map<string, UsageRow>();
  for (const sql of charged) {
    for (const row of chargeRows.parse(database.prepare(sql).all(...window))) rows.set(row.key, plus(rows.get(row.key) ?? emptyRow(row.key), row));
  }
  const openedAt = `${sign}opened_at_wall_ms`;
  const inWindow = `FROM attempts JOIN labels USING (label_id) WHERE ${openedAt} >= ? AND ${openedAt} < ?`;
  const attempts = database.prepare(`SELECT ${key} AS key, COUNT(*) AS attempts ${inWindow} GROUP BY 1`).all(...window);
  for (const row of attemptRows.parse(attempts)) rows.set(row.key, { ...(rows.get(row.key) ?? emptyRow(row.key)), attempts: row.attempts });
  const states = stateRow.parse(
    database.prepare(`SELECT TOTAL(state = 'R') AS openAttempts, TOTAL(state = 'U') AS unknownAttempts ${inWindow}`).get(...window),
  );
  return { rows: [...rows.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)), ...states };
}

function plus(row: UsageRow, more: Omit<UsageRow, 'attempts'>): UsageRow {
  return {
    key: row.key,
    attempts: row.attempts,
    requests: row.requests + more.requests,
    inputTokens: row.inputTokens + more.inputTokens,
    outputTokens: row.outputTokens + more.outputTokens,
    usd: row.usd + more.usd,
    unpricedRequests: row.unpricedRequests + more.unpricedRequests,
  };
}

function emptyRow(key: string): UsageRow {
  return { key, requests: 0, attempts: 0, inputTokens: 0, outputTokens: 0, usd: 0, unpricedRequests: 0 };
}

export function readDefects(database: DatabaseSync): LedgerDefects {
  const rows = defectRows.parse(database.prepare('SELECT kind, count FROM defects').all());
  return { ...noDefects, ...Object.fromEntries(rows.map((row) => [row.kind, row.count])) };
}
