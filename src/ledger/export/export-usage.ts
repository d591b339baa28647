import { z } from 'zod';
import type { LedgerDesk } from '../ledger-desk.ts';
import { listings } from '../ledger-page.ts';
import type { LedgerColumn, ListedRows, PagePlace, PageValue } from '../ledger-page.ts';
import type { UsageGrouping, UsageRow } from '../ledger.ts';
import { csvFile } from './csv-file.ts';
import type { ExportTable } from './export-table.ts';
import { parquetFile } from './parquet-file.ts';

export type ExportFormat = 'csv' | 'parquet';

export interface ExportRequest {
  readonly format: ExportFormat;
  /** Rows one by one, or their sums by what they stand for. */
  readonly what: { readonly kind: 'rows'; readonly rows: ListedRows } | { readonly kind: 'sums'; readonly by: readonly UsageGrouping[] };
  readonly sinceWallMs: number;
  readonly untilWallMs: number;
}

export const exportContentTypes: Readonly<Record<ExportFormat, string>> = {
  // The header line is part of the file (RFC 4180 §3).
  csv: 'text/csv; charset=utf-8; header=present',
  parquet: 'application/vnd.apache.parquet',
};

/** The bytes of an export, part by part as they are asked for: a slow reader slows the reading, and no memory grows. */
export function exportUsage(desk: LedgerDesk, request: ExportRequest): AsyncGenerator<Uint8Array> {
  const table = request.what.kind === 'rows' ? listed(desk, request.what.rows, request) : summed(desk, request.what.by, request);
  return request.format === 'csv' ? csvFile(table) : parquetFile(table);
}

type Window = Pick<ExportRequest, 'sinceWallMs' | 'untilWallMs'>;

function listed(desk: LedgerDesk, rows: ListedRows, { sinceWallMs, untilWallMs }: Window): ExportTable {
  async function* batches(): AsyncGenerator<readonly (readonly PageValue[])[]> {
    let after: PagePlace | undefined;
    do {
      const page = await desk.page({ rows, sinceWallMs, untilWallMs, after });
      yield page.rows;
      after = page.next;
    } while (after !== undefined);
  }
  return { columns: listings[rows].columns, batches: batches() };
}

const integer = (name: string): LedgerColumn => ({ name, type: 'integer', nullable: false });
const sumColumns: readonly LedgerColumn[] = [
  integer('requests'),
  integer('attempts'),
  integer('input_tokens'),
  integer('output_tokens'),
  { name: 'usd', type: 'number', nullable: true },
  integer('unpriced_requests'),
  { name: 'lost_usd', type: 'number', nullable: false },
];

function summed(desk: LedgerDesk, by: readonly UsageGrouping[], window: Window): ExportTable {
  async function* batches(): AsyncGenerator<readonly (readonly PageValue[])[]> {
    const { rows } = await desk.usageBySeveral(by, window);
    yield rows.map(sumValues);
  }
  const names = by.map((name): LedgerColumn => ({ name: name === 'tenant' ? 'team' : name, type: 'text', nullable: false }));
  return { columns: [...names, ...sumColumns], batches: batches() };
}

const keyTexts = z.array(z.string());

function sumValues({ key, requests, attempts, inputTokens, outputTokens, usd, unpricedRequests, lostUsd }: UsageRow): readonly PageValue[] {
  // Without any priced request the sum is unknown, which is not zero (fault 96).
  const knownUsd = requests > 0 && unpricedRequests >= requests ? null : usd;
  return [...keyTexts.parse(JSON.parse(key)), requests, attempts, inputTokens, outputTokens, knownUsd, unpricedRequests, lostUsd];
}
