import { parquetReadObjects } from 'hyparquet';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { systemClock } from '../../std/clock.ts';
import { LedgerDesk } from '../ledger-desk.ts';
import { sampleAttempt, sampleCharge, sampleClose, sampleSegment } from '../ledger-samples.ts';
import { openSqliteLedger } from '../open-sqlite-ledger.ts';
import { readCsv } from '../reconcile/read-csv.ts';
import { collect } from '../testing/collect.ts';
import { exportUsage } from './export-usage.ts';
import type { ExportRequest } from './export-usage.ts';

const root = await mkdtemp(join(tmpdir(), 'ledger-export-'));
afterAll(() => rm(root, { recursive: true }));

const requests = 2500;
const ledger = await openSqliteLedger({ directory: root, fsync: 'never', memory: 'off', clock: systemClock });
afterAll(() => ledger.close());
const desk = new LedgerDesk((task) => ledger.ask(task));
for (let index = 0; index < requests; index += 1) {
  const id = `r${String(index).padStart(6, '0')}`;
  const keyId = index % 2 === 0 ? '=HYPERLINK("http://evil.example";"x")' : 'Zoë, "two"';
  await ledger.openAttempt(sampleAttempt(id, { requestId: id, keyId, openedAtWallMs: 1_000_000 + index }));
  if (index > 0) ledger.closeAttempt(sampleClose(id));
  const chargeUsd = index === 1 ? undefined : 0.002;
  ledger.charge(
    sampleCharge(id, { keyId, chargeUsd, segments: [sampleSegment(id)], settledAtWallMs: 2_000_000 + index, probableRetry: index === 2 }),
  );
}

const bytesOf = async (request: Partial<ExportRequest>): Promise<Buffer> =>
  Buffer.concat(
    await collect(exportUsage(desk, { format: 'csv', what: { kind: 'rows', rows: 'charges' }, sinceWallMs: 0, untilWallMs: 9e6, ...request })),
  );

const csvOf = async (request: Partial<ExportRequest>): Promise<readonly Record<string, string>[]> => {
  const [header = [], ...rows] = await collect(readCsv([await bytesOf({ ...request, format: 'csv' })]));
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])));
};

const parquetOf = async (request: Partial<ExportRequest>): Promise<readonly Record<string, unknown>[]> => {
  const bytes = await bytesOf({ ...request, format: 'parquet' });
  const copy = new Uint8Array(bytes).buffer;
  return parquetReadObjects({ file: copy });
};

it('charges come out one a request, in CSV and in Parquet alike', async () => {
  const [csv, parquet] = [await csvOf({}), await parquetOf({})];
  expect(csv).toHaveLength(requests);
  expect(parquet).toHaveLength(requests);
  expect(csv[1]).toMatchObject({
    request_id: 'r000001',
    settled_at: '1970-01-01T00:33:20.001Z',
    team: 'research',
    key: 'Zoë, "two"',
    charge_usd: '',
    output_tokens: '50',
    probable_retry: 'false',
  });
  expect(parquet[1]).toMatchObject({
    request_id: 'r000001',
    settled_at: new Date(2_000_001),
    team: 'research',
    key: 'Zoë, "two"',
    charge_usd: null,
    output_tokens: 50n,
    probable_retry: false,
  });
  for (const [index, row] of parquet.entries()) {
    expect(csv[index]?.['request_id']).toBe(row['request_id']);
    expect(csv[index]?.['charge_usd']).toBe(row['charge_usd'] === null ? '' : String(row['charge_usd']));
  }
});

it('no field of a CSV begins as a formula would', async () => {
  const text = (await bytesOf({})).toString('utf8');
  expect(text).toContain(`"'=HYPERLINK(""http://evil.example"";""x"")"`);
  expect(text).not.toMatch(/(^|[,\n])"?[=+@-]/);
});

it('attempts come out with what is not known of them left empty', async () => {
  const what = { kind: 'rows', rows: 'attempts' } as const;
  expect((await csvOf({ what }))[0]).toMatchObject({ attempt_id: 'r000000', state: 'R', outcome: '', cost_usd: '' });
  expect((await parquetOf({ what })).slice(0, 2)).toMatchObject([
    { attempt_id: 'r000000', state: 'R', outcome: null, cost_usd: null, output_tokens: null },
    { attempt_id: 'r000001', state: 'S', outcome: 'ok', cost_usd: 0.001, output_tokens: 50n },
  ]);
});

it('sums come out by several groupings, and what has no price is no zero', async () => {
  const what = { kind: 'sums', by: ['tenant', 'day', 'vendor'] } as const;
  expect(await csvOf({ what, sinceWallMs: 2_000_001, untilWallMs: 2_000_002 })).toEqual([
    {
      team: 'research',
      day: '1970-01-01',
      vendor: 'nvidia',
      requests: '1',
      attempts: '0',
      input_tokens: '100',
      output_tokens: '50',
      usd: '',
      unpriced_requests: '1',
      lost_usd: '0',
    },
  ]);
  expect(await parquetOf({ what })).toMatchObject([{ team: 'research', requests: 2500n, attempts: 2500n, unpriced_requests: 1n }]);
});

it('a window without rows is a file with a header, in both forms', async () => {
  expect((await bytesOf({ sinceWallMs: 8e6 })).toString('utf8')).toMatch(/^request_id,settled_at,[a-z_,]+\r\n$/);
  expect(await parquetOf({ sinceWallMs: 8e6 })).toEqual([]);
});

it('an export that nobody reads on holds one page in memory', async () => {
  let pages = 0;
  const counting = new LedgerDesk((task) => {
    pages += 1;
    return ledger.ask(task);
  });
  const parts = exportUsage(counting, { format: 'csv', what: { kind: 'rows', rows: 'charges' }, sinceWallMs: 0, untilWallMs: 9e6 });
  await parts.next();
  await parts.next();
  expect(pages).toBe(1);
  await parts.return(undefined);
});
