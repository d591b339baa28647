import type { DatabaseSync } from 'node:sqlite';
import type { DefectCounts } from './apply-records.ts';
import { attributeCharge } from './attribute-charge.ts';
import { boundColumns, prepareRowInserter } from './insert-rows.ts';
import type { RowValue } from './insert-rows.ts';
import type { ChargeRow } from './journal-row.ts';
import type { LabelIds } from './label-ids.ts';

interface NewCharge {
  readonly charge: ChargeRow;
  readonly labelId: number;
}

/** One charge a request: the first stands, a second is counted and changes nothing. */
export type ApplyCharge = (charge: ChargeRow, defects: DefectCounts) => void;

export function prepareCharges(database: DatabaseSync, labels: LabelIds): ApplyCharge {
  const insert = database.prepare('INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const insertSegments = prepareSegments(database, labels);
  return (charge, defects) => {
    const labelId = labels.idOf(charge.labels);
    if (labelId === undefined) {
      defects.damagedRecords += 1;
      return;
    }
    const values: RowValue[] = [];
    addValues(values, { charge, labelId });
    if (insert.run(...values).changes === 0) defects.duplicateCharges += 1;
    else insertSegments(charge);
  };
}

export interface ChargeBatch {
  readonly charge: ApplyCharge;
  /** Inserts what is left; a refused row, also one that is charged already, rolls the transaction back. */
  readonly insert: () => void;
}

/** The columns of a charge for a whole answer that one attempt made: most are. */
const answeredColumns = ['?', '?', "'ok'", '1', '?', '?', '?', '?', '?', '?', '?', '?', '?', '1', '0'];

/** Charges with one segment go in together; one with several waits for those before it and goes in by itself. */
export function prepareChargeBatches(database: DatabaseSync, labels: LabelIds, applyAlone: ApplyCharge): () => ChargeBatch {
  const inserter = prepareRowInserter(database, 'charges', boundColumns(15));
  const answeredInserter = prepareRowInserter(database, 'charges', answeredColumns);
  return () => {
    let answered: NewCharge[] = [];
    let others: NewCharge[] = [];
    const insert = (): void => {
      answeredInserter.insertAll(answered, addAnsweredValues);
      inserter.insertAll(others, addValues);
      answered = [];
      others = [];
    };
    return {
      insert,
      charge: (charge, defects) => {
        const labelId = labels.idOf(charge.labels);
        if (labelId !== undefined && charge.segments.length === 0) (isAnswered(charge) ? answered : others).push({ charge, labelId });
        else {
          insert();
          applyAlone(charge, defects);
        }
      },
    };
  };
}

function isAnswered({ outcome, attempts, attemptId, probableRetry }: ChargeRow): boolean {
  return outcome === 'ok' && attempts === 1 && attemptId !== null && !probableRetry;
}

function addAnsweredValues(values: RowValue[], { charge, labelId }: NewCharge): void {
  values.push(charge.requestId, labelId);
  addMeasured(values, charge);
}

function addValues(values: RowValue[], { charge, labelId }: NewCharge): void {
  values.push(charge.requestId, labelId, charge.outcome, charge.attempts);
  addMeasured(values, charge);
  const segments = charge.segments.length > 0 ? charge.segments.length : charge.attemptId === null ? 0 : 1;
  values.push(segments, charge.probableRetry ? 1 : 0);
}

/** What differs from one charge to the next, in the order of the columns. */
function addMeasured(values: RowValue[], charge: ChargeRow): void {
  values.push(
    charge.chargeUsd,
    charge.settledAtWallMs,
    charge.usageSource,
    charge.inputTokens,
    charge.cachedInputTokens,
    charge.outputTokens,
    charge.attemptId,
    charge.producedTokens,
    charge.characters,
  );
}

function prepareSegments(database: DatabaseSync, labels: LabelIds): (charge: ChargeRow) => void {
  const insert = database.prepare('INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  return (charge) => {
    const totals = { inputTokens: charge.inputTokens, outputTokens: charge.outputTokens, usd: charge.chargeUsd ?? undefined };
    const weights = charge.segments.map(({ producedTokens, characters }) => ({ outputTokens: producedTokens, characters }));
    const parts = attributeCharge(totals, weights);
    charge.segments.forEach((segment, index) => {
      const part = parts[index];
      insert.run(
        charge.requestId,
        index + 1,
        segment.attemptId,
        labels.idOf(segment.labels) ?? null,
        segment.producedTokens,
        segment.characters,
        charge.settledAtWallMs,
        part?.inputTokens ?? null,
        part?.outputTokens ?? null,
        part?.usd ?? null,
      );
    });
  };
}
