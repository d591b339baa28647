import type { LedgerColumn, PageValue } from '../ledger-page.ts';

/** A table on its way out: its columns, and its rows a batch at a time, so that a long export is never in memory. */
export interface ExportTable {
  readonly columns: readonly LedgerColumn[];
  readonly batches: AsyncIterable<readonly (readonly PageValue[])[]>;
}
