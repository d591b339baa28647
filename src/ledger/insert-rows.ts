import type { DatabaseSync } from 'node:sqlite';
import { isRefusedRow } from './ledger-error.ts';

export type RowValues = readonly (string | number | null)[];

/** How many rows one statement inserts: most of what a statement costs is the call. */
const rowsAtOnce = 16;

export interface RowInserter {
  /** Whether all rows of a group went in; where one was refused, none did. */
  readonly insertGroups: <Row>(rows: readonly Row[], valuesOf: (row: Row) => RowValues, otherwise: (row: Row) => void) => void;
}

/**
 * Inserts many rows a statement. What does not fill a group, and every row of a group of which SQLite refused one, is
 * left to `otherwise`, which looks at rows one by one.
 */
export function prepareRowInserter(database: DatabaseSync, table: string, columns: number): RowInserter {
  const one = `(${Array.from({ length: columns }, () => '?').join(', ')})`;
  const statement = database.prepare(`INSERT INTO ${table} VALUES ${Array.from({ length: rowsAtOnce }, () => one).join(', ')}`);
  const insertGroup = (values: RowValues): boolean => {
    try {
      statement.run(...values);
      return true;
    } catch (error) {
      if (isRefusedRow(error)) return false;
      throw error;
    }
  };
  return {
    insertGroups: (rows, valuesOf, otherwise) => {
      for (let first = 0; first < rows.length; first += rowsAtOnce) {
        const group = rows.slice(first, first + rowsAtOnce);
        const isIn = group.length === rowsAtOnce && insertGroup(group.flatMap(valuesOf));
        if (!isIn) for (const row of group) otherwise(row);
      }
    },
  };
}
