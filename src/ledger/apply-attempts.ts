import type { DatabaseSync } from 'node:sqlite';
import type { DefectCounts } from './apply-records.ts';
import { boundColumns, prepareRowInserter } from './insert-rows.ts';
import type { RowValue } from './insert-rows.ts';
import type { ClosedRow, OpenedRow, ProgressRow } from './journal-row.ts';
import type { LabelIds } from './label-ids.ts';

/** An attempt that a batch opens, and perhaps closes. */
interface NewAttempt {
  readonly opened: OpenedRow;
  readonly labelId: number;
  readonly processId: string;
  progress: ProgressRow | undefined;
  closed: ClosedRow | undefined;
}

type AnsweredAttempt = NewAttempt & { readonly closed: ClosedRow };

export interface AttemptApplier {
  readonly open: (row: OpenedRow, processId: string, defects: DefectCounts) => void;
  /** Of an attempt that is not open it changes nothing. */
  readonly note: (row: ProgressRow) => void;
  readonly close: (row: ClosedRow, defects: DefectCounts) => void;
}

/** Applies each record by itself, whatever the one before it did. */
export function prepareAttempts(database: DatabaseSync, labels: LabelIds): AttemptApplier {
  const insert = database.prepare('INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const close = prepareClose(database);
  return {
    open: (opened, processId, defects) => {
      const labelId = labels.idOf(opened.labels);
      if (labelId === undefined) {
        defects.damagedRecords += 1;
        return;
      }
      const values: RowValue[] = [];
      addValues(values, { opened, labelId, processId, progress: undefined, closed: undefined });
      if (insert.run(...values).changes === 0) defects.duplicateAttempts += 1;
    },
    note: prepareNote(database),
    close,
  };
}

export interface AttemptBatch extends AttemptApplier {
  /** Inserts what the batch opened; a refused row rolls the transaction back. */
  readonly insert: () => void;
}

/** The columns of an attempt that was the first of its request, and answered, all within a batch: most are. */
const answeredColumns = ['?', '?', '?', '1', "'first'", '?', '?', '?', 'NULL', "'S'", "'ok'", '?', '?', '?', '?', '?', '?', '?', 'NULL'];

/**
 * An attempt that opens and closes within a batch, as most do, becomes one row at once. Attempts do not know of each
 * other, so only the order of one attempt's own records matters: a close of an attempt that the batch has not opened
 * yet is applied before the batch's own rows are there, and finds what it would have found.
 */
export function prepareAttemptBatches(database: DatabaseSync, labels: LabelIds): () => AttemptBatch {
  const inserter = prepareRowInserter(database, 'attempts', boundColumns(19));
  const answeredInserter = prepareRowInserter(database, 'attempts', answeredColumns);
  const closeEarlier = prepareClose(database);
  const noteEarlier = prepareNote(database);
  return () => {
    const attempts = new Map<string, NewAttempt>();
    return {
      open: (opened, processId, defects) => {
        const labelId = labels.idOf(opened.labels);
        if (labelId === undefined) defects.damagedRecords += 1;
        else if (attempts.has(opened.attemptId)) defects.duplicateAttempts += 1;
        else attempts.set(opened.attemptId, { opened, labelId, processId, progress: undefined, closed: undefined });
      },
      note: (row) => {
        const attempt = attempts.get(row.attemptId);
        if (attempt === undefined) noteEarlier(row);
        else attempt.progress = row;
      },
      close: (row, defects) => {
        const attempt = attempts.get(row.attemptId);
        if (attempt === undefined) closeEarlier(row, defects);
        else if (attempt.closed === undefined) attempt.closed = row;
        else defects.ignoredCloses += 1;
      },
      insert: () => {
        const answered: AnsweredAttempt[] = [];
        const others: NewAttempt[] = [];
        for (const attempt of attempts.values()) {
          if (isAnswered(attempt)) answered.push(attempt);
          else others.push(attempt);
        }
        answeredInserter.insertAll(answered, addAnsweredValues);
        inserter.insertAll(others, addValues);
      },
    };
  };
}

function isAnswered(attempt: NewAttempt): attempt is AnsweredAttempt {
  const { opened, closed } = attempt;
  return closed?.outcome === 'ok' && closed.state === 'S' && opened.ordinal === 1 && opened.reason === 'first';
}

function addAnsweredValues(values: RowValue[], { opened, labelId, closed }: AnsweredAttempt): void {
  values.push(opened.attemptId, opened.requestId, labelId, opened.openedAtWallMs, opened.reservedInputTokens, opened.reservedOutputTokens);
  addMeasured(values, closed);
}

function addValues(values: RowValue[], { opened, labelId, processId, progress, closed }: NewAttempt): void {
  values.push(
    opened.attemptId,
    opened.requestId,
    labelId,
    opened.ordinal,
    opened.reason,
    opened.openedAtWallMs,
    opened.reservedInputTokens,
    opened.reservedOutputTokens,
  );
  if (closed === undefined) {
    const { costUsd = null, usageSource = null, inputTokens = null, cachedInputTokens = null, outputTokens = null } = progress ?? {};
    values.push(processId, 'R', null, costUsd, null, null, usageSource, inputTokens, cachedInputTokens, outputTokens, null);
  } else {
    values.push(null, closed.state, closed.outcome);
    addMeasured(values, closed);
    values.push(null);
  }
}

/** What an attempt took and used, in the order of the columns. */
function addMeasured(values: RowValue[], closed: ClosedRow): void {
  values.push(
    closed.costUsd,
    closed.ttftMs,
    closed.durationMs,
    closed.usageSource,
    closed.inputTokens,
    closed.cachedInputTokens,
    closed.outputTokens,
  );
}

function prepareNote(database: DatabaseSync): AttemptApplier['note'] {
  const update = database.prepare(`
    UPDATE attempts SET cost_usd = ?, usage_source = ?, input_tokens = ?, cached_input_tokens = ?, output_tokens = ?
    WHERE state = 'R' AND attempt_id = ?`);
  return (row) => {
    update.run(row.costUsd, row.usageSource, row.inputTokens, row.cachedInputTokens, row.outputTokens, row.attemptId);
  };
}

function prepareClose(database: DatabaseSync): AttemptApplier['close'] {
  // Compare-and-set: the first close of an attempt stands (fault catalogue 0.4).
  const update = database.prepare(`
    UPDATE attempts SET open_in_process = NULL, state = ?, outcome = ?, cost_usd = ?, ttft_ms = ?, duration_ms = ?, usage_source = ?,
      input_tokens = ?, cached_input_tokens = ?, output_tokens = ?
    WHERE attempt_id = ? AND state = 'R'`);
  return (row, defects) => {
    const { changes } = update.run(
      row.state,
      row.outcome,
      row.costUsd,
      row.ttftMs,
      row.durationMs,
      row.usageSource,
      row.inputTokens,
      row.cachedInputTokens,
      row.outputTokens,
      row.attemptId,
    );
    if (changes === 0) defects.ignoredCloses += 1;
  };
}
