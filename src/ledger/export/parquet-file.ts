import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet-writer';
import type { LedgerColumn, PageValue } from '../ledger-page.ts';
import type { ExportTable } from './export-table.ts';

/** Enough that columns compress well, and few enough that a group is some megabytes of memory. */
const rowsAGroup = 10_000;

/** A writer whose bytes are handed on a part at a time. */
class PartWriter extends ByteWriter {
  /** What was written since the last time. */
  take(): Uint8Array {
    const part = this.getBytes().slice();
    this.index = 0;
    return part;
  }
}

/** The table as a Parquet file, a row group at a time; its index stands at its end. */
export async function* parquetFile({ columns, batches }: ExportTable): AsyncGenerator<Uint8Array> {
  const writer = new PartWriter();
  const file = new ParquetWriter({ writer, schema: [{ name: 'root', num_children: columns.length }, ...columns.map(elementOf)] });
  const writeGroup = (rows: readonly (readonly PageValue[])[]): Uint8Array => {
    const columnData = columns.map((column, index) => ({ name: column.name, data: rows.map((row) => valueOf(column, row[index] ?? null)) }));
    void file.write({ columnData, rowGroupSize: rows.length });
    return writer.take();
  };
  let waiting: (readonly PageValue[])[] = [];
  for await (const rows of batches) {
    waiting = waiting.concat(rows);
    if (waiting.length < rowsAGroup) continue;
    yield writeGroup(waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield writeGroup(waiting);
  void file.finish();
  yield writer.take();
}

function elementOf({ name, type, nullable }: LedgerColumn): SchemaElement {
  const repetition = { name, repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED' } as const;
  switch (type) {
    case 'text':
      return { ...repetition, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
    case 'integer':
      return { ...repetition, type: 'INT64' };
    case 'number':
      return { ...repetition, type: 'DOUBLE' };
    case 'time':
      return { ...repetition, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' };
    case 'flag':
      return { ...repetition, type: 'BOOLEAN' };
  }
}

function valueOf({ type }: LedgerColumn, value: PageValue): string | number | bigint | boolean | null {
  if (typeof value !== 'number' || type === 'number') return value;
  return type === 'flag' ? value !== 0 : BigInt(Math.round(value));
}
