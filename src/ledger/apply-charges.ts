import type { DatabaseSync } from 'node:sqlite';
import { unlessRefused } from './apply-attempts.ts';
import type { DefectCounts } from './apply-records.ts';
import { attributeCharge } from './attribute-charge.ts';
import { prepareRowInserter } from './insert-rows.ts';
import type { RowValues } from './insert-rows.ts';
import type { ChargeRow, JournalRecord } from './journal-row.ts';
import type { LabelIds } from './label-ids.ts';

interface NewCharge {
  readonly charge: ChargeRow;
  readonly labelId: number;
}

/** One charge a request: the first stands, a second is counted and changes nothing. */
export function prepareCharges(database: DatabaseSync, labels: LabelIds): (records: readonly JournalRecord[], defects: DefectCounts) => void {
  const inserter = prepareRowInserter(database, 'charges', 14);
  const insertOne = database.prepare('INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const insertSegments = prepareSegments(database, labels);

  const chargeAlone = (row: NewCharge, defects: DefectCounts): void =>
    unlessRefused(defects, () => {
      if (insertOne.run(...valuesOf(row)).changes === 0) defects.duplicateCharges += 1;
      else insertSegments(row.charge);
    });

  return (records, defects) => {
    // One after another where the order between a request's charges could matter, together where it cannot.
    const single: NewCharge[] = [];
    const charged = new Set<string>();
    for (const { kind, record } of records) {
      if (kind !== 'charge') continue;
      const labelId = labels.idOf(record.labels);
      if (labelId === undefined) defects.damagedRecords += 1;
      else if (charged.has(record.requestId)) defects.duplicateCharges += 1;
      else {
        charged.add(record.requestId);
        if (record.segments.length === 0) single.push({ charge: record, labelId });
        else chargeAlone({ charge: record, labelId }, defects);
      }
    }
    inserter.insertGroups(single, valuesOf, (row) => chargeAlone(row, defects));
  };
}

function valuesOf({ charge, labelId }: NewCharge): RowValues {
  return [
    charge.requestId,
    labelId,
    charge.outcome,
    charge.attempts,
    charge.chargeUsd,
    charge.settledAtWallMs,
    charge.usageSource,
    charge.inputTokens,
    charge.cachedInputTokens,
    charge.outputTokens,
    charge.attemptId,
    charge.producedTokens,
    charge.characters,
    charge.segments.length > 0 ? charge.segments.length : charge.attemptId === null ? 0 : 1,
  ];
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
