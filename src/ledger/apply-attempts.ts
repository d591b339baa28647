import type { DatabaseSync } from 'node:sqlite';
import type { DefectCounts } from './apply-records.ts';
import { prepareRowInserter } from './insert-rows.ts';
import type { RowValues } from './insert-rows.ts';
import type { ClosedRow, JournalRecord, OpenedRow } from './journal-row.ts';
import type { LabelIds } from './label-ids.ts';
import { isRefusedRow } from './ledger-error.ts';

/** An attempt that a batch opens, and perhaps closes. */
interface NewAttempt {
  readonly opened: OpenedRow;
  readonly labelId: number;
  closed: ClosedRow | undefined;
}

type ApplyAttempts = (records: readonly JournalRecord[], processId: string, defects: DefectCounts) => void;

/**
 * An attempt that opens and closes within a batch, as most do, becomes one row at once. Attempts do not know of each
 * other, so only the order of one attempt's own records matters: a close of an attempt that the batch has not opened
 * yet is applied before the batch's own rows are there, and finds what it would have found.
 */
export function prepareAttempts(database: DatabaseSync, labels: LabelIds): ApplyAttempts {
  const inserter = prepareRowInserter(database, 'attempts', 18);
  const open = prepareOpen(database);
  const close = prepareClose(database);

  const closeAlone = (row: ClosedRow, defects: DefectCounts): void =>
    unlessRefused(defects, () => {
      if (!close(row)) defects.ignoredCloses += 1;
    });

  return (records, processId, defects) => {
    const attempts = new Map<string, NewAttempt>();
    for (const { kind, record } of records) {
      if (kind === 'open') {
        const labelId = labels.idOf(record.labels);
        if (labelId === undefined) defects.damagedRecords += 1;
        else if (attempts.has(record.attemptId)) defects.duplicateAttempts += 1;
        else attempts.set(record.attemptId, { opened: record, labelId, closed: undefined });
      } else if (kind === 'close') {
        const attempt = attempts.get(record.attemptId);
        if (attempt === undefined) closeAlone(record, defects);
        else if (attempt.closed === undefined) attempt.closed = record;
        else defects.ignoredCloses += 1;
      }
    }
    inserter.insertGroups(
      [...attempts.values()],
      (attempt) => valuesOf(attempt, processId),
      (attempt) => {
        const { closed, ...reserved } = attempt;
        unlessRefused(defects, () => {
          if (!open(valuesOf({ ...reserved, closed: undefined }, processId))) defects.duplicateAttempts += 1;
        });
        if (closed !== undefined) closeAlone(closed, defects);
      },
    );
  };
}

/** A row that SQLite will never take is damage: counted and set aside, so that what stands behind it gets through. */
export function unlessRefused(defects: DefectCounts, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isRefusedRow(error)) throw error;
    defects.damagedRecords += 1;
  }
}

function valuesOf({ opened, labelId, closed }: NewAttempt, processId: string): RowValues {
  return [
    opened.attemptId,
    opened.requestId,
    labelId,
    opened.ordinal,
    opened.reason,
    opened.openedAtWallMs,
    opened.reservedInputTokens,
    opened.reservedOutputTokens,
    closed === undefined ? processId : null,
    ...(closed === undefined ? reservedState : closedState(closed)),
  ];
}

const reservedState: RowValues = ['R', null, null, null, null, null, null, null, null];

function closedState(closed: ClosedRow): RowValues {
  return [
    closed.state,
    closed.outcome,
    closed.costUsd,
    closed.ttftMs,
    closed.durationMs,
    closed.usageSource,
    closed.inputTokens,
    closed.cachedInputTokens,
    closed.outputTokens,
  ];
}

function prepareOpen(database: DatabaseSync): (values: RowValues) => boolean {
  const insert = database.prepare('INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  return (values) => insert.run(...values).changes === 1;
}

function prepareClose(database: DatabaseSync): (record: ClosedRow) => boolean {
  // Compare-and-set: the first close of an attempt stands (fault catalogue 0.4).
  const update = database.prepare(`
    UPDATE attempts SET open_in_process = NULL, state = ?, outcome = ?, cost_usd = ?, ttft_ms = ?, duration_ms = ?, usage_source = ?,
      input_tokens = ?, cached_input_tokens = ?, output_tokens = ?
    WHERE attempt_id = ? AND state = 'R'`);
  return (record) => update.run(...closedState(record), record.attemptId).changes === 1;
}
