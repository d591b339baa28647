import type { LedgerColumn, PageValue } from '../ledger-page.ts';
import { csvField } from '../../std/csv-field.ts';
import type { ExportTable } from './export-table.ts';

/** The table as CSV with a header, lines ended as RFC 4180 has it, times in ISO 8601, empty where nobody knows. */
export async function* csvFile({ columns, batches }: ExportTable): AsyncGenerator<Uint8Array> {
  yield Buffer.from(line(columns.map(({ name }) => csvField(name))));
  for await (const rows of batches) {
    if (rows.length > 0) yield Buffer.from(rows.map((row) => line(columns.map((column, index) => fieldOf(column, row[index] ?? null)))).join(''));
  }
}

function fieldOf({ type }: LedgerColumn, value: PageValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return csvField(value);
  if (type === 'time') return new Date(value).toISOString();
  if (type === 'flag') return value === 0 ? 'false' : 'true';
  return String(value);
}

function line(fields: readonly string[]): string {
  return `${fields.join(',')}\r\n`;
}
