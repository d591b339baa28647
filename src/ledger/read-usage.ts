import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { LedgerDefects } from './ledger-defects.ts';
import { noDefects } from './ledger-defects.ts';
import { LedgerError } from './ledger-error.ts';
import type { UsageGrouping, UsageQuery, UsageReport, UsageRow, UsageWindow } from './ledger.ts';

// Tokens from an emulator never count as the silicon that it imitates (DESIGN §4.10).
const vendorKey = `CASE evidence WHEN 'emulated' THEN vendor || ' (emulated)' ELSE vendor END`;

const dayOf = (wallMs: string): string => `strftime('%Y-%m-%d', CAST(${wallMs} / 1000 AS INTEGER), 'unixepoch')`;

interface Grouping {
  readonly ofCharge: string;
  readonly ofSegment: string;
  readonly ofAttempt: string;
  /** Whether the parts of an answer that several vendors made may stand in several rows. */
  readonly bySilicon: boolean;
}

const byRequest = (key: string): Grouping => ({ ofCharge: key, ofSegment: key, ofAttempt: key, bySilicon: false });
const bySilicon = (key: string): Grouping => ({ ofCharge: key, ofSegment: key, ofAttempt: key, bySilicon: true });

const groupings: Readonly<Record<UsageGrouping, Grouping>> = {
  model: byRequest('model'),
  tenant: byRequest('tenant'),
  key: byRequest('key_id'),
  route: byRequest('route'),
  outcome: {
    ofCharge: 'outcome',
    ofSegment: '(SELECT outcome FROM charges AS c WHERE c.request_id = segments.request_id)',
    ofAttempt: `COALESCE(outcome, 'open')`,
    bySilicon: false,
  },
  day: {
    ofCharge: dayOf('settled_at_wall_ms'),
    ofSegment: dayOf('settled_at_wall_ms'),
    ofAttempt: dayOf('opened_at_wall_ms'),
    bySilicon: false,
  },
  vendor: bySilicon(vendorKey),
  endpoint: bySilicon('endpoint_id'),
  chip: bySilicon('chip'),
  evidence: bySilicon('evidence'),
};

/** Few attempts fail at a cost, so that each can be looked up: whether its tokens are part of a charge that costs something. */
const isLost = `outcome <> 'ok' AND cost_usd > 0 AND NOT EXISTS (
  SELECT 1 FROM charges AS c WHERE c.request_id = attempts.request_id AND c.charge_usd > 0 AND (c.attempt_id = attempts.attempt_id OR EXISTS (
    SELECT 1 FROM segments AS s WHERE s.request_id = attempts.request_id AND s.attempt_id = attempts.attempt_id)))`;

/** A report is held in memory. */
const mostRows = 200_000;

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
const attemptRows = z.array(z.object({ key: z.string(), attempts: z.number(), lostUsd: z.number() }));
const stateRow = z.object({ openAttempts: z.number(), unknownAttempts: z.number() });
const defectRows = z.array(z.object({ kind: z.string(), count: z.number() }));

/**
 * Requests, tokens and money by when the request was settled, attempts by when they were opened; from `sinceWallMs`
 * to before `untilWallMs`. A request whose answer two vendors made counts as a request of both, its tokens once.
 */
export function readUsage(database: DatabaseSync, query: UsageQuery): UsageReport {
  return readGrouped(database, groupings[query.groupBy], query);
}

/** The same by several groupings at once: the key of a row is the JSON array of what it stands for. */
export function readUsageBySeveral(database: DatabaseSync, by: readonly UsageGrouping[], window: UsageWindow): UsageReport {
  const listed = (of: (grouping: Grouping) => string): string => `json_array(${by.map((name) => of(groupings[name])).join(', ')})`;
  const grouping = {
    ofCharge: listed(({ ofCharge }) => ofCharge),
    ofSegment: listed(({ ofSegment }) => ofSegment),
    ofAttempt: listed(({ ofAttempt }) => ofAttempt),
    bySilicon: by.some((name) => groupings[name].bySilicon),
  };
  return readGrouped(database, grouping, window);
}

function readGrouped(database: DatabaseSync, grouping: Grouping, query: UsageWindow): UsageReport {
  const { ofCharge, ofSegment, ofAttempt, bySilicon: isBySilicon } = grouping;
  // The sign keeps SQLite from walking the index by time and looking up every row where all are wanted anyway.
  const sign = query.sinceWallMs === undefined && query.untilWallMs === undefined ? '+' : '';
  const settledAt = `${sign}settled_at_wall_ms`;
  const charged = isBySilicon ? [fromWholeCharges(ofCharge, settledAt), fromSegments(ofSegment, settledAt)] : [fromCharges(ofCharge, settledAt)];
  const window = [query.sinceWallMs ?? Number.MIN_SAFE_INTEGER, query.untilWallMs ?? Number.MAX_SAFE_INTEGER] as const;
  const rows = new Map<string, UsageRow>();
  for (const sql of charged) {
    for (const row of chargeRows.parse(boundedRows(database, sql, window))) rows.set(row.key, plus(rows.get(row.key) ?? emptyRow(row.key), row));
  }
  const openedAt = `${sign}opened_at_wall_ms`;
  const inWindow = `FROM attempts JOIN labels USING (label_id) WHERE ${openedAt} >= ? AND ${openedAt} < ?`;
  const counted = `COUNT(*) AS attempts, TOTAL(CASE WHEN ${isLost} THEN cost_usd END) AS lostUsd`;
  const attempts = boundedRows(database, `SELECT ${ofAttempt} AS key, ${counted} ${inWindow} GROUP BY 1`, window);
  for (const row of attemptRows.parse(attempts)) rows.set(row.key, { ...(rows.get(row.key) ?? emptyRow(row.key)), ...row });
  const states = stateRow.parse(
    database.prepare(`SELECT TOTAL(state = 'R') AS openAttempts, TOTAL(state = 'U') AS unknownAttempts ${inWindow}`).get(...window),
  );
  return { rows: [...rows.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)), ...states };
}

function boundedRows(database: DatabaseSync, sql: string, window: readonly [number, number]): unknown {
  const rows = database.prepare(`${sql} LIMIT ${mostRows + 1}`).all(...window);
  if (rows.length <= mostRows) return rows;
  throw new LedgerError('failed', `The usage of that time has more than ${mostRows} rows: ask for a shorter time or for fewer groupings.`);
}

function plus(row: UsageRow, more: Omit<UsageRow, 'attempts' | 'lostUsd'>): UsageRow {
  return {
    ...row,
    requests: row.requests + more.requests,
    inputTokens: row.inputTokens + more.inputTokens,
    outputTokens: row.outputTokens + more.outputTokens,
    usd: row.usd + more.usd,
    unpricedRequests: row.unpricedRequests + more.unpricedRequests,
  };
}

function emptyRow(key: string): UsageRow {
  return { key, requests: 0, attempts: 0, inputTokens: 0, outputTokens: 0, usd: 0, unpricedRequests: 0, lostUsd: 0 };
}

export function readDefects(database: DatabaseSync): LedgerDefects {
  const rows = defectRows.parse(database.prepare('SELECT kind, count FROM defects').all());
  return { ...noDefects, ...Object.fromEntries(rows.map((row) => [row.kind, row.count])) };
}
