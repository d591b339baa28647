import { expect, it } from 'vitest';
import { readExportRequest } from './read-export-request.ts';

const nowWallMs = Date.UTC(2026, 10, 25, 12);
const read = (query: string) => readExportRequest(new URLSearchParams(query), nowWallMs);

it('an export without any choice is all charges so far, as CSV', () => {
  expect(read('')).toEqual({ ok: true, value: { format: 'csv', what: { kind: 'rows', rows: 'charges' }, sinceWallMs: 0, untilWallMs: nowWallMs } });
});

it('times are days of UTC, moments, or so long ago', () => {
  expect(read('from=2026-11-01&to=2026-11-25T13:00:00%2B01:00&by=day,team,day&format=parquet')).toEqual({
    ok: true,
    value: { format: 'parquet', what: { kind: 'sums', by: ['day', 'tenant'] }, sinceWallMs: Date.UTC(2026, 10, 1), untilWallMs: nowWallMs },
  });
  expect(read('from=30d&rows=attempts')).toMatchObject({ value: { what: { rows: 'attempts' }, sinceWallMs: nowWallMs - 30 * 86_400_000 } });
});

it.each([
  ['format=xls', 'format', '`format` is one of csv, parquet.'],
  ['by=modle', 'by', 'Did you mean `model`?'],
  ['by=day,key,model,vendor,chip', 'by', 'at most 4'],
  ['by=day&rows=charges', 'by', 'not both'],
  ['rows=charge', 'rows', 'Did you mean `charges`?'],
  ['from=2026-02-30', 'from', 'is a day (2026-11-25, UTC)'],
  ['from=yesterday', 'from', 'hours or days ago'],
  ['to=2026-11-01T00:00', 'to', 'a moment'],
  ['from=2026-11-02&to=2026-11-01', 'to', 'not after `from`'],
])('%s is told what it should be', (query, param, detail) => {
  expect(read(query)).toEqual({ ok: false, failure: { param, detail: expect.stringContaining(detail) } });
});
