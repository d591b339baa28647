import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { listings } from './ledger-page.ts';
import type { LedgerPage, PageQuery } from './ledger-page.ts';

/** Few enough that the thread which also drains the journal answers quickly, and that a page is small in memory. */
const rowsAPage = 2000;

const pageRows = z.array(z.array(z.union([z.string(), z.number(), z.null()])));
const placeOf = z.object({ id: z.string(), wallMs: z.number() });

/** One page of the rows of a window, in the order of their time. */
export function readPage(database: DatabaseSync, { rows, sinceWallMs, untilWallMs, after }: PageQuery): LedgerPage {
  const { table, id, time, columns } = listings[rows];
  // Ids are unique, so that time and id together say where a page ends; both stand in the index by time.
  const begins = after === undefined ? `${time} >= ?` : `(${time}, ${id}) > (?, ?)`;
  const statement = database.prepare(`
    SELECT ${columns.map(({ sql }) => sql).join(', ')}, ${time}, ${id} FROM ${table} JOIN labels USING (label_id)
    WHERE ${begins} AND ${time} < ? ORDER BY ${time}, ${id} LIMIT ${rowsAPage}`);
  statement.setReturnArrays(true);
  const start = after === undefined ? [sinceWallMs] : [after.wallMs, after.id];
  const found = pageRows.parse(statement.all(...start, untilWallMs));
  const last = found.length < rowsAPage ? undefined : found.at(-1);
  const place = last === undefined ? undefined : placeOf.parse({ wallMs: last.at(-2), id: last.at(-1) });
  return { rows: found.map((row) => row.slice(0, -2)), next: place };
}
