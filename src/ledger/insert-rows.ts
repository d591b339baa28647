import type { DatabaseSync } from 'node:sqlite';

export type RowValue = string | number | null;

/** How many rows one statement inserts: most of what a statement costs is the call. */
const rowsAtOnce = 16;

export interface RowInserter {
  /**
   * Inserts all rows, or throws with the whole transaction rolled back where SQLite refuses one: a statement that could
   * be undone by itself would have to note every page before it changes it.
   */
  readonly insertAll: <Row>(rows: readonly Row[], addValues: (values: RowValue[], row: Row) => void) => void;
}

/** `columns`: what stands in each, a `?` where the rows differ. What need not be bound costs next to nothing. */
export function prepareRowInserter(database: DatabaseSync, table: string, columns: readonly string[]): RowInserter {
  const one = `(${columns.join(', ')})`;
  const bound = columns.filter((column) => column === '?').length;
  const prepareInsert = (rows: number) =>
    database.prepare(`INSERT OR ROLLBACK INTO ${table} VALUES ${Array.from({ length: rows }, () => one).join(', ')}`);
  const insertGroup = prepareInsert(rowsAtOnce);
  const insertOne = prepareInsert(1);
  return {
    insertAll: (rows, addValues) => {
      const values: RowValue[] = [];
      for (const row of rows) {
        addValues(values, row);
        if (values.length < rowsAtOnce * bound) continue;
        insertGroup.run(...values);
        values.length = 0;
      }
      for (let first = 0; first < values.length; first += bound) insertOne.run(...values.slice(first, first + bound));
    },
  };
}

/** All columns of a table as they come. */
export function boundColumns(count: number): readonly string[] {
  return Array.from({ length: count }, () => '?');
}
