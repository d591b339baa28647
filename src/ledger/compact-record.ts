import { escapeField, splitFields } from './journal-field.ts';
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
 * Reads the one or two records of such a line, or nothing where it is not what was written. Its checksum says that our own code wrote it: what is
 * left to check is that every number is one that SQLite takes, since one it refuses would hold up all behind it.
 */
export function readCompactRecords(line: string): readonly JournalRecord[] | undefined {
  const fields = line.slice(2);
  switch (line[0]) {
    case 'o': {
      const record = readOpened(fields);
      return record === undefined ? undefined : [{ kind: 'open', record }];
    }
    case 'p': {
      const record = readProgress(fields);
      return record === undefined ? undefined : [{ kind: 'progress', record }];
    }
    case 'c': {
      const record = readClosed(fields);
      return record === undefined ? undefined : [{ kind: 'close', record }];
    }
    case 'g': {
      const record = readCharge(fields);
      return record === undefined ? undefined : [{ kind: 'charge', record }];
    }
    case 's':
      return readSettled(fields);
    default:
      return undefined;
  }
}

function readOpened(line: string): OpenedRow | undefined {
  const [attemptId, requestId, ordinal, reason, openedAt, reservedInput, reservedOutput, labels] = splitFields(line, 7) ?? [];
  if (attemptId === undefined || requestId === undefined || reason === undefined || labels === undefined) return undefined;
  const row = {
    attemptId,
    requestId,
    ordinal: Number(ordinal),
    reason,
    openedAtWallMs: Number(openedAt),
    reservedInputTokens: Number(reservedInput),
    reservedOutputTokens: Number(reservedOutput),
    labels,
  };
  const isSound =
    Number.isSafeInteger(row.ordinal) &&
    Number.isFinite(row.openedAtWallMs) &&
    Number.isSafeInteger(row.reservedInputTokens) &&
    Number.isSafeInteger(row.reservedOutputTokens);
  return isSound ? row : undefined;
}

function readProgress(line: string): ProgressRow | undefined {
  const [attemptId, cost, source, input, cached, output] = splitFields(line, 5) ?? [];
  if (attemptId === undefined || source === undefined) return undefined;
  const row = {
    attemptId,
    costUsd: numberOrNull(cost),
    usageSource: source,
    inputTokens: Number(input),
    cachedInputTokens: Number(cached),
    outputTokens: Number(output),
  };
  const isSound = Number.isSafeInteger(row.inputTokens) && Number.isSafeInteger(row.cachedInputTokens) && Number.isSafeInteger(row.outputTokens);
  return isSound ? row : undefined;
}

function readClosed(line: string): ClosedRow | undefined {
  const [attemptId, state, outcome, cost, ttft, duration, source, input, cached, output] = splitFields(line, 9) ?? [];
  if (attemptId === undefined || state === undefined || outcome === undefined || source === undefined) return undefined;
  const isUsed = source !== '';
  const row = {
    attemptId,
    state,
    outcome,
    costUsd: numberOrNull(cost),
    ttftMs: numberOrNull(ttft),
    durationMs: numberOrNull(duration),
    usageSource: isUsed ? source : null,
    inputTokens: isUsed ? Number(input) : null,
    cachedInputTokens: isUsed ? Number(cached) : null,
    outputTokens: isUsed ? Number(output) : null,
  };
  const isSound =
    !isUsed || (Number.isSafeInteger(row.inputTokens) && Number.isSafeInteger(row.cachedInputTokens) && Number.isSafeInteger(row.outputTokens));
  return isSound ? row : undefined;
}

const noSegments: ChargeRow['segments'] = [];

/** `cost` is what a price of '=' stands for. */
function readCharge(line: string, cost?: string): ChargeRow | undefined {
  const fields = splitFields(line, 12) ?? [];
  const [requestId, outcome, attempts, usd, settledAt, usageSource, input, cached, output, attemptId, produced, characters, labels] = fields;
  if (requestId === undefined || outcome === undefined || usageSource === undefined || attemptId === undefined || labels === undefined) {
    return undefined;
  }
  const row = {
    requestId,
    outcome,
    attempts: Number(attempts),
    chargeUsd: numberOrNull(usd === '=' ? cost : usd),
    settledAtWallMs: Number(settledAt),
    usageSource,
    inputTokens: Number(input),
    cachedInputTokens: Number(cached),
    outputTokens: Number(output),
    attemptId,
    producedTokens: Number(produced),
    characters: Number(characters),
    labels,
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
  return isSound ? row : undefined;
}

function readSettled(line: string): readonly JournalRecord[] | undefined {
  const [cost, ttft, duration, rest] = splitFields(line, 3) ?? [];
  const charge = rest === undefined ? undefined : readCharge(rest, cost);
  if (charge === undefined || charge.attemptId === null) return undefined;
  const closed = {
    attemptId: charge.attemptId,
    state: 'S',
    outcome: charge.outcome,
    costUsd: numberOrNull(cost),
    ttftMs: numberOrNull(ttft),
    durationMs: numberOrNull(duration),
    usageSource: charge.usageSource,
    inputTokens: charge.inputTokens,
    cachedInputTokens: charge.cachedInputTokens,
    outputTokens: charge.outputTokens,
  };
  return [
    { kind: 'close', record: closed },
    { kind: 'charge', record: charge },
  ];
}

/** What is no number is as unknown as what is not there. */
function numberOrNull(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}
