import { escapeField, type FieldReader } from './journal-field.ts';
import type { ChargeRow, ClosedRow, JournalRecord, OpenedRow, ProgressRow } from './journal-row.ts';
import { labelText } from './label-text.ts';
import type { AttemptClosed, AttemptOpened, AttemptProgress, Charge, Segment, TokenUsage } from './ledger.ts';

// One line of the journal without its checksum: a letter for the kind, then the fields between tabs, an empty one for
// what nobody knows. Labels stand last, so that the reader can take them as one text.

export function writeOpened(attempt: AttemptOpened): string {
  return `o\t${escapeField(attempt.attemptId)}\t${escapeField(attempt.requestId)}\t${attempt.ordinal}\t${attempt.reason}\t${attempt.openedAtWallMs}\t${attempt.reservedInputTokens}\t${attempt.reservedOutputTokens}\t${labelText(attempt, attempt)}`;
}

export function writeClosed(closed: AttemptClosed): string {
  return `c\t${escapeField(closed.attemptId)}\t${closed.state}\t${escapeField(closed.outcome)}\t${closed.costUsd ?? ''}\t${closed.ttftMs ?? ''}\t${closed.durationMs}\t${closed.usage === undefined ? '\t\t\t' : usageText(closed.usage)}`;
}

export function writeProgress({ attemptId, usage, costUsd }: AttemptProgress): string {
  return `p\t${escapeField(attemptId)}\t${costUsd ?? ''}\t${usageText(usage)}`;
}

/** A charge with one segment, as nearly all have. */
export function writeCharge(charge: Charge, segment: Segment): string {
  return `g\t${escapeField(charge.requestId)}\t${escapeField(charge.outcome)}\t${charge.attempts}\t${charge.chargeUsd ?? ''}\t${charge.settledAtWallMs}\t${usageText(charge.usage)}\t${escapeField(segment.attemptId)}\t${segment.outputTokens}\t${segment.characters}\t${labelText(charge, segment)}`;
}

/** The end of an attempt and the charge for it in one line, where they say the same of what was used. */
export function writeSettled(closed: AttemptClosed, charge: Charge, segment: Segment): string {
  const usd = charge.chargeUsd === closed.costUsd ? '=' : (charge.chargeUsd ?? '');
  return `s\t${closed.costUsd ?? ''}\t${closed.ttftMs ?? ''}\t${closed.durationMs}\t${escapeField(charge.requestId)}\t${escapeField(charge.outcome)}\t${charge.attempts}\t${usd}\t${charge.settledAtWallMs}\t${usageText(charge.usage)}\t${escapeField(segment.attemptId)}\t${segment.outputTokens}\t${segment.characters}\t${labelText(charge, segment)}`;
}

export function canSettleTogether(closed: AttemptClosed, charge: Charge, segment: Segment): boolean {
  const { usage } = closed;
  return (
    closed.attemptId === segment.attemptId &&
    closed.state === 'S' &&
    closed.outcome === charge.outcome &&
    usage !== undefined &&
    (usage === charge.usage ||
      (usage.source === charge.usage.source &&
        usage.inputTokens === charge.usage.inputTokens &&
        usage.cachedInputTokens === charge.usage.cachedInputTokens &&
        usage.outputTokens === charge.usage.outputTokens))
  );
}

function usageText({ source, inputTokens, cachedInputTokens, outputTokens }: TokenUsage): string {
  return `${source}\t${inputTokens}\t${cachedInputTokens}\t${outputTokens}`;
}

/**
 * Adds the one or two records of such a line, or says that it is not what was written. Its checksum says that our own code wrote it: what is
 * left to check is that every number is one that SQLite takes, since one it refuses would hold up all behind it.
 */
export function readCompactRecords(kind: string, fields: FieldReader, records: JournalRecord[]): boolean {
  switch (kind) {
    case 'o': {
      const record = readOpened(fields);
      if (record !== undefined) records.push({ kind: 'open', record });
      return record !== undefined;
    }
    case 'p': {
      const record = readProgress(fields);
      if (record !== undefined) records.push({ kind: 'progress', record });
      return record !== undefined;
    }
    case 'c': {
      const record = readClosed(fields);
      if (record !== undefined) records.push({ kind: 'close', record });
      return record !== undefined;
    }
    case 'g': {
      const record = readCharge(fields);
      if (record !== undefined) records.push({ kind: 'charge', record });
      return record !== undefined;
    }
    case 's':
      return readSettled(fields, records);
    default:
      return false;
  }
}

// A literal's fields are read in the order in which they stand here, which is that of the line.

function readOpened(fields: FieldReader): OpenedRow | undefined {
  const row = {
    attemptId: fields.text(),
    requestId: fields.text(),
    ordinal: fields.number(),
    reason: fields.word('first'),
    openedAtWallMs: fields.number(),
    reservedInputTokens: fields.number(),
    reservedOutputTokens: fields.number(),
    labels: fields.rest(),
  };
  const isSound =
    Number.isSafeInteger(row.ordinal) &&
    Number.isFinite(row.openedAtWallMs) &&
    Number.isSafeInteger(row.reservedInputTokens) &&
    Number.isSafeInteger(row.reservedOutputTokens);
  return isSound && !fields.isShort ? row : undefined;
}

function readProgress(fields: FieldReader): ProgressRow | undefined {
  const row = {
    attemptId: fields.text(),
    costUsd: fields.amount(),
    usageSource: fields.text(),
    inputTokens: fields.number(),
    cachedInputTokens: fields.number(),
    outputTokens: Number(fields.rest()),
  };
  const isSound = Number.isSafeInteger(row.inputTokens) && Number.isSafeInteger(row.cachedInputTokens) && Number.isSafeInteger(row.outputTokens);
  return isSound && !fields.isShort ? row : undefined;
}

function readClosed(fields: FieldReader): ClosedRow | undefined {
  const ended = {
    attemptId: fields.text(),
    state: fields.text(),
    outcome: fields.text(),
    costUsd: fields.amount(),
    ttftMs: fields.amount(),
    durationMs: fields.amount(),
  };
  const usageSource = fields.text();
  const inputTokens = fields.number();
  const cachedInputTokens = fields.number();
  const outputTokens = Number(fields.rest());
  if (fields.isShort) return undefined;
  if (usageSource === '') return { ...ended, usageSource: null, inputTokens: null, cachedInputTokens: null, outputTokens: null };
  const isSound = Number.isSafeInteger(inputTokens) && Number.isSafeInteger(cachedInputTokens) && Number.isSafeInteger(outputTokens);
  return isSound ? { ...ended, usageSource, inputTokens, cachedInputTokens, outputTokens } : undefined;
}

const noSegments: ChargeRow['segments'] = [];

/** `cost` is what a price of '=' stands for. */
function readCharge(fields: FieldReader, cost: number | null = null): ChargeRow | undefined {
  const row = {
    requestId: fields.text(),
    outcome: fields.word('ok'),
    attempts: fields.number(),
    chargeUsd: fields.isMark('=') ? cost : fields.amount(),
    settledAtWallMs: fields.number(),
    usageSource: fields.word('upstream'),
    inputTokens: fields.number(),
    cachedInputTokens: fields.number(),
    outputTokens: fields.number(),
    attemptId: fields.text(),
    producedTokens: fields.number(),
    characters: fields.number(),
    labels: fields.rest(),
    probableRetry: false,
    segments: noSegments,
  };
  const isSound =
    Number.isSafeInteger(row.attempts) &&
    Number.isFinite(row.settledAtWallMs) &&
    Number.isSafeInteger(row.inputTokens) &&
    Number.isSafeInteger(row.cachedInputTokens) &&
    Number.isSafeInteger(row.outputTokens) &&
    Number.isSafeInteger(row.producedTokens) &&
    Number.isSafeInteger(row.characters);
  return isSound && !fields.isShort ? row : undefined;
}

function readSettled(fields: FieldReader, records: JournalRecord[]): boolean {
  const costUsd = fields.amount();
  const ttftMs = fields.amount();
  const durationMs = fields.amount();
  const charge = readCharge(fields, costUsd);
  if (charge === undefined || charge.attemptId === null) return false;
  const { attemptId, outcome, usageSource, inputTokens, cachedInputTokens, outputTokens } = charge;
  records.push(
    {
      kind: 'close',
      record: { attemptId, state: 'S', outcome, costUsd, ttftMs, durationMs, usageSource, inputTokens, cachedInputTokens, outputTokens },
    },
    { kind: 'charge', record: charge },
  );
  return true;
}
