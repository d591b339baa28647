import { encodeEntries } from './journal-entry.ts';
import { JournalPage } from './journal-page.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { AttemptClosed, AttemptOpened, Charge, Segment, TokenUsage, UsageRow } from './ledger.ts';

/** Records for tests, of which a test names only what it is about. */
export function sampleUsage(inputTokens: number, outputTokens: number): TokenUsage {
  return { inputTokens, cachedInputTokens: 0, outputTokens, source: 'upstream' };
}

export function sampleRow(key: string, changes: Partial<UsageRow>): UsageRow {
  return { key, requests: 0, attempts: 0, inputTokens: 0, outputTokens: 0, usd: 0, unpricedRequests: 0, lostUsd: 0, ...changes };
}

export function sampleAttempt(attemptId: string, changes: Partial<AttemptOpened> = {}): AttemptOpened {
  return {
    attemptId,
    requestId: `request of ${attemptId}`,
    ordinal: 1,
    reason: 'first',
    tenant: 'research',
    route: 'chat.completions',
    model: 'llama-70b',
    deploymentId: 'llama-70b@east',
    endpointId: 'east',
    vendor: 'nvidia',
    chip: 'H100',
    evidence: 'measured',
    openedAtWallMs: 1_000,
    reservedInputTokens: 100,
    reservedOutputTokens: 200,
    ...changes,
  };
}

export function sampleClose(attemptId: string, changes: Partial<AttemptClosed> = {}): AttemptClosed {
  return {
    attemptId,
    state: 'S',
    outcome: 'ok',
    usage: sampleUsage(100, 50),
    costUsd: 0.001,
    ttftMs: 120,
    durationMs: 900,
    ...changes,
  };
}

export function sampleSegment(attemptId: string, changes: Partial<Segment> = {}): Segment {
  return {
    attemptId,
    endpointId: 'east',
    deploymentId: 'llama-70b@east',
    vendor: 'nvidia',
    chip: 'H100',
    evidence: 'measured',
    outputTokens: 50,
    characters: 200,
    ...changes,
  };
}

export function sampleCharge(requestId: string, changes: Partial<Charge> = {}): Charge {
  return {
    requestId,
    tenant: 'research',
    route: 'chat.completions',
    model: 'llama-70b',
    outcome: 'ok',
    attempts: 1,
    usage: sampleUsage(100, 50),
    chargeUsd: 0.002,
    segments: [sampleSegment(`attempt of ${requestId}`)],
    settledAtWallMs: 2_000,
    ...changes,
  };
}

/** What the journal writes of these entries. */
export function journalText(...entries: readonly (JournalEntry | undefined)[]): string {
  return encodeEntries(entries.flatMap((entry) => entry ?? [])).toString('utf8');
}

/** The lines of what is no record of ours. */
export function linesOf(...texts: readonly string[]): Buffer {
  const page = new JournalPage();
  page.begin(texts.reduce((most, text) => most + text.length * 3 + 10, 0));
  for (const text of texts) page.add(text);
  return page.taken();
}
