import type { DatabaseSync } from 'node:sqlite';
import { attributeCharge } from './attribute-charge.ts';
import type { ChargeRecord, ClosedRecord, JournalRecord, OpenedRecord } from './journal-record.ts';
import type { LedgerDefects } from './ledger-defects.ts';

export interface RecordApplier {
  readonly apply: (record: JournalRecord, processId: string) => void;
  readonly countDefects: (kind: keyof LedgerDefects, count: number) => void;
}

/** Prepares the statements that turn records into rows; each call belongs into the reader's transaction. */
export function prepareApplier(database: DatabaseSync): RecordApplier {
  const addDefects = database.prepare(
    'INSERT INTO defects (kind, count) VALUES (?, ?) ON CONFLICT (kind) DO UPDATE SET count = count + excluded.count',
  );
  const countDefects = (kind: keyof LedgerDefects, count: number): void => {
    if (count > 0) addDefects.run(kind, count);
  };
  const open = prepareOpen(database);
  const close = prepareClose(database);
  const charge = prepareCharge(database);
  return {
    countDefects,
    apply: (entry, processId) => {
      if (entry.kind === 'open') {
        if (!open(entry.record, processId)) countDefects('duplicateAttempts', 1);
      } else if (entry.kind === 'close') {
        if (!close(entry.record)) countDefects('ignoredCloses', 1);
      } else if (!charge(entry.record)) countDefects('duplicateCharges', 1);
    },
  };
}

function prepareOpen(database: DatabaseSync): (record: OpenedRecord, processId: string) => boolean {
  const insert = database.prepare(`
    INSERT INTO attempts (attempt_id, request_id, process_id, ordinal, reason, tenant, route, model, deployment_id,
      endpoint_id, vendor, chip, evidence, opened_at_wall_ms, reserved_input_tokens, reserved_output_tokens, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'R') ON CONFLICT DO NOTHING`);
  return (record, processId) =>
    insert.run(
      record.attemptId,
      record.requestId,
      processId,
      record.ordinal,
      record.reason,
      record.tenant,
      record.route,
      record.model,
      record.deploymentId,
      record.endpointId,
      record.vendor,
      record.chip,
      record.evidence,
      record.openedAtWallMs,
      record.reservedInputTokens,
      record.reservedOutputTokens,
    ).changes === 1;
}

function prepareClose(database: DatabaseSync): (record: ClosedRecord) => boolean {
  // Compare-and-set: the first close of an attempt stands (fault catalogue 0.4).
  const update = database.prepare(`
    UPDATE attempts SET state = ?, outcome = ?, usage_source = ?, input_tokens = ?, cached_input_tokens = ?,
      output_tokens = ?, cost_usd = ?, ttft_ms = ?, duration_ms = ?
    WHERE attempt_id = ? AND state = 'R'`);
  return ({ usage, ...record }) =>
    update.run(
      record.state,
      record.outcome,
      usage?.source ?? null,
      usage?.inputTokens ?? null,
      usage?.cachedInputTokens ?? null,
      usage?.outputTokens ?? null,
      record.costUsd ?? null,
      record.ttftMs ?? null,
      record.durationMs ?? null,
      record.attemptId,
    ).changes === 1;
}

function prepareCharge(database: DatabaseSync): (record: ChargeRecord) => boolean {
  const insert = database.prepare(`
    INSERT INTO charges (request_id, tenant, route, model, outcome, attempts, usage_source, input_tokens,
      cached_input_tokens, output_tokens, charge_usd, settled_at_wall_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const insertSegments = prepareSegments(database);
  return (record) => {
    const { usage } = record;
    const { changes } = insert.run(
      record.requestId,
      record.tenant,
      record.route,
      record.model,
      record.outcome,
      record.attempts,
      usage.source,
      usage.inputTokens,
      usage.cachedInputTokens,
      usage.outputTokens,
      record.chargeUsd ?? null,
      record.settledAtWallMs,
    );
    if (changes === 1) insertSegments(record);
    return changes === 1;
  };
}

/** What stands for the chip of a charge that no attempt produced any text for. */
export const noSegment = {
  attemptId: null,
  deploymentId: 'none',
  endpointId: 'none',
  vendor: 'none',
  chip: 'none',
  evidence: 'none',
  outputTokens: 0,
  characters: 0,
} as const;

function prepareSegments(database: DatabaseSync): (record: ChargeRecord) => void {
  const insert = database.prepare(`
    INSERT INTO segments (request_id, ordinal, attempt_id, deployment_id, endpoint_id, vendor, chip, evidence,
      produced_tokens, characters, settled_at_wall_ms, charged_input_tokens, charged_output_tokens, charged_usd)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  return (record) => {
    const segments = record.segments.length > 0 ? record.segments : [noSegment];
    const parts = attributeCharge({ ...record.usage, usd: record.chargeUsd ?? undefined }, segments);
    segments.forEach((segment, index) => {
      const part = parts[index];
      insert.run(
        record.requestId,
        index + 1,
        segment.attemptId,
        segment.deploymentId,
        segment.endpointId,
        segment.vendor,
        segment.chip,
        segment.evidence,
        segment.outputTokens,
        segment.characters,
        record.settledAtWallMs,
        part?.inputTokens ?? null,
        part?.outputTokens ?? null,
        part?.usd ?? null,
      );
    });
  };
}
