import type { DatabaseSync } from 'node:sqlite';
import { prepareAttemptBatches, prepareAttempts } from './apply-attempts.ts';
import type { AttemptApplier } from './apply-attempts.ts';
import { prepareChargeBatches, prepareCharges } from './apply-charges.ts';
import type { ApplyCharge } from './apply-charges.ts';
import type { JournalRecord } from './journal-row.ts';
import { prepareLabelIds } from './label-ids.ts';
import { noDefects } from './ledger-defects.ts';
import type { LedgerDefects } from './ledger-defects.ts';
import { isRefusedRow } from './ledger-error.ts';

export interface RecordApplier {
  /**
   * Turns records into rows, many a statement. Throws, with the transaction rolled back, where a row was refused: as
   * one that is there already, or for what it holds. `applyOneByOne` then finds out which, and why.
   */
  readonly applyTogether: (records: readonly JournalRecord[], processId: string) => number;
  /** Both return how many records are damaged: what SQLite never takes is set aside, so that what is behind it gets through. */
  readonly applyOneByOne: (records: readonly JournalRecord[], processId: string) => number;
  readonly countDefects: (kind: keyof LedgerDefects, count: number) => void;
  /** Must be called where the transaction was rolled back. */
  readonly forget: () => void;
}

/** Counts of what went wrong among some records. */
export type DefectCounts = { -readonly [Kind in keyof LedgerDefects]: number };

/** Prepares the statements that turn records into rows; each call belongs into the reader's transaction. */
export function prepareApplier(database: DatabaseSync): RecordApplier {
  const addDefects = database.prepare(
    'INSERT INTO defects (kind, count) VALUES (?, ?) ON CONFLICT (kind) DO UPDATE SET count = count + excluded.count',
  );
  const countDefects = (kind: keyof LedgerDefects, count: number): void => {
    if (count > 0) addDefects.run(kind, count);
  };
  const noteDefects = ({ duplicateAttempts, ignoredCloses, duplicateCharges, damagedRecords }: DefectCounts): number => {
    countDefects('duplicateAttempts', duplicateAttempts);
    countDefects('ignoredCloses', ignoredCloses);
    countDefects('duplicateCharges', duplicateCharges);
    return damagedRecords;
  };
  const labels = prepareLabelIds(database);
  const attempts = prepareAttempts(database, labels);
  const charge = prepareCharges(database, labels);
  const newAttemptBatch = prepareAttemptBatches(database, labels);
  const newChargeBatch = prepareChargeBatches(database, labels, charge);
  return {
    countDefects,
    forget: labels.forget,
    applyTogether: (records, processId) => {
      const defects: DefectCounts = { ...noDefects };
      const attemptBatch = newAttemptBatch();
      const chargeBatch = newChargeBatch();
      for (const record of records) applyRecord(record, processId, attemptBatch, chargeBatch.charge, defects);
      attemptBatch.insert();
      chargeBatch.insert();
      return noteDefects(defects);
    },
    applyOneByOne: (records, processId) => {
      const defects: DefectCounts = { ...noDefects };
      for (const record of records) {
        try {
          applyRecord(record, processId, attempts, charge, defects);
        } catch (error) {
          if (!isRefusedRow(error)) throw error;
          defects.damagedRecords += 1;
        }
      }
      return noteDefects(defects);
    },
  };
}

function applyRecord(entry: JournalRecord, processId: string, attempts: AttemptApplier, charge: ApplyCharge, defects: DefectCounts): void {
  if (entry.kind === 'open') attempts.open(entry.record, processId, defects);
  else if (entry.kind === 'progress') attempts.note(entry.record);
  else if (entry.kind === 'close') attempts.close(entry.record, defects);
  else charge(entry.record, defects);
}
