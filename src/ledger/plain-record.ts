import type { JournalPage } from './journal-page.ts';
import { labelEnd } from './label-text.ts';
import type { AttemptClosed, AttemptOpened, Charge, Segment, TokenUsage } from './ledger.ts';

// The lines that an ordinary request makes, as `compact-record.ts` writes them, but without a text that is built and
// copied first. Each says whether it could: a text that must be escaped, or is more than ASCII, is left to that.

export function addOpened(page: JournalPage, attempt: AttemptOpened): boolean {
  page.beginLine();
  page.text('o');
  page.text(attempt.attemptId);
  page.text(attempt.requestId);
  page.number(attempt.ordinal);
  page.text(attempt.reason);
  page.number(attempt.openedAtWallMs);
  page.number(attempt.reservedInputTokens);
  page.number(attempt.reservedOutputTokens);
  return page.endLine(labelEnd(attempt, attempt));
}

export function addSettled(page: JournalPage, closed: AttemptClosed, charge: Charge, segment: Segment): boolean {
  page.beginLine();
  page.text('s');
  addOptional(page, closed.costUsd);
  addOptional(page, closed.ttftMs);
  page.number(closed.durationMs);
  page.text(charge.requestId);
  page.text(charge.outcome);
  page.number(charge.attempts);
  if (charge.chargeUsd === closed.costUsd) page.text('=');
  else addOptional(page, charge.chargeUsd);
  page.number(charge.settledAtWallMs);
  addUsage(page, charge.usage);
  page.text(segment.attemptId);
  page.number(segment.outputTokens);
  page.number(segment.characters);
  return page.endLine(labelEnd(charge, segment));
}

function addUsage(page: JournalPage, { source, inputTokens, cachedInputTokens, outputTokens }: TokenUsage): void {
  page.text(source);
  page.number(inputTokens);
  page.number(cachedInputTokens);
  page.number(outputTokens);
}

function addOptional(page: JournalPage, value: number | undefined): void {
  if (value === undefined) page.text('');
  else page.number(value);
}
