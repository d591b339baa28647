import { z } from 'zod';
import type { ChargeRow, JournalRecord } from './journal-row.ts';
import { labelText, labelTextWithoutSilicon } from './label-text.ts';

// The lines of the journal's first form, which old journals hold, and charges that are rare: those with no segment or
// several, and those for a probable repetition. Strict integers, since one value that SQLite refuses would hold up every record behind it.
const usage = z.object({
  inputTokens: z.int(),
  cachedInputTokens: z.int(),
  outputTokens: z.int(),
  source: z.enum(['upstream', 'counted', 'reserve']),
});

const silicon = {
  deploymentId: z.string(),
  endpointId: z.string(),
  vendor: z.string(),
  chip: z.string(),
  evidence: z.enum(['measured', 'attested', 'declared', 'inferred', 'unknown', 'emulated']),
};

const request = { requestId: z.string(), tenant: z.string(), route: z.string(), model: z.string(), keyId: z.string().optional() };

const opened = z.object({
  attemptId: z.string(),
  ...request,
  ordinal: z.int(),
  reason: z.enum(['first', 'failover', 'continuation', 'hedge']),
  ...silicon,
  openedAtWallMs: z.number(),
  reservedInputTokens: z.int(),
  reservedOutputTokens: z.int(),
});

const closed = z.object({
  attemptId: z.string(),
  state: z.enum(['S', 'V', 'U']),
  outcome: z.string(),
  usage: usage.optional(),
  costUsd: z.number().nullish(),
  ttftMs: z.number().nullish(),
  durationMs: z.number().nullish(),
});

const charge = z.object({
  ...request,
  outcome: z.string(),
  attempts: z.int(),
  usage,
  chargeUsd: z.number().nullish(),
  segments: z.array(z.object({ attemptId: z.string(), ...silicon, outputTokens: z.int(), characters: z.int() })),
  settledAtWallMs: z.number(),
  probableRetry: z.boolean().optional(),
});

/** Reads a line of the first form, or nothing where it is not what was written. */
export function parseJsonRecord(kind: string, json: string): JournalRecord | undefined {
  const value = parseJson(json);
  if (kind === 'open') {
    const { data } = opened.safeParse(value);
    return data === undefined ? undefined : { kind, record: { ...data, labels: labelText(data, data) } };
  }
  if (kind === 'close') {
    const { data } = closed.safeParse(value);
    return data === undefined ? undefined : { kind, record: closedRow(data) };
  }
  if (kind === 'charge') {
    const { data } = charge.safeParse(value);
    return data === undefined ? undefined : { kind, record: chargeRow(data) };
  }
  return undefined;
}

function closedRow({ usage: used, ...record }: z.infer<typeof closed>) {
  return {
    attemptId: record.attemptId,
    state: record.state,
    outcome: record.outcome,
    costUsd: record.costUsd ?? null,
    ttftMs: record.ttftMs ?? null,
    durationMs: record.durationMs ?? null,
    usageSource: used?.source ?? null,
    inputTokens: used?.inputTokens ?? null,
    cachedInputTokens: used?.cachedInputTokens ?? null,
    outputTokens: used?.outputTokens ?? null,
  };
}

function chargeRow({ usage: used, segments, ...record }: z.infer<typeof charge>): ChargeRow {
  const rows = segments.map((segment) => ({
    attemptId: segment.attemptId,
    producedTokens: segment.outputTokens,
    characters: segment.characters,
    labels: labelText(record, segment),
  }));
  return {
    requestId: record.requestId,
    outcome: record.outcome,
    attempts: record.attempts,
    chargeUsd: record.chargeUsd ?? null,
    settledAtWallMs: record.settledAtWallMs,
    usageSource: used.source,
    inputTokens: used.inputTokens,
    cachedInputTokens: used.cachedInputTokens,
    outputTokens: used.outputTokens,
    ...(rows[0] ?? { attemptId: null, producedTokens: 0, characters: 0, labels: labelTextWithoutSilicon(record) }),
    probableRetry: record.probableRetry === true,
    segments: rows.length > 1 ? rows : [],
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
