import type { DatabaseSync } from 'node:sqlite';
import { prepareAttempts } from './apply-attempts.ts';
import { prepareCharges } from './apply-charges.ts';
import type { JournalRecord } from './journal-row.ts';
import { prepareLabelIds } from './label-ids.ts';
import { noDefects } from './ledger-defects.ts';
import type { LedgerDefects } from './ledger-defects.ts';

export interface RecordApplier {
  /** Turns records into rows as if each were applied by itself, in order; returns how many SQLite refused for good. */
  readonly apply: (records: readonly JournalRecord[], processId: string) => number;
  readonly countDefects: (kind: keyof LedgerDefects, count: number) => void;
  /** Must be called where the transaction was rolled back. */
  readonly forget: () => void;
}

/** Counts of what went wrong in one batch. */
export type DefectCounts = { -readonly [Kind in keyof LedgerDefects]: number };

/** Prepares the statements that turn records into rows; each call belongs into the reader's transaction. */
export function prepareApplier(database: DatabaseSync): RecordApplier {
  const addDefects = database.prepare(
    'INSERT INTO defects (kind, count) VALUES (?, ?) ON CONFLICT (kind) DO UPDATE SET count = count + excluded.count',
  );
  const countDefects = (kind: keyof LedgerDefects, count: number): void => {
    if (count > 0) addDefects.run(kind, count);
  };
  const labels = prepareLabelIds(database);
  const applyAttempts = prepareAttempts(database, labels);
  const applyCharges = prepareCharges(database, labels);
  return {
    countDefects,
    forget: labels.forget,
    apply: (records, processId) => {
      const defects: DefectCounts = { ...noDefects };
      applyAttempts(records, processId, defects);
      applyCharges(records, defects);
      countDefects('duplicateAttempts', defects.duplicateAttempts);
      countDefects('ignoredCloses', defects.ignoredCloses);
      countDefects('duplicateCharges', defects.duplicateCharges);
      return defects.damagedRecords;
    },
  };
}
