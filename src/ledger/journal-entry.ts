import { canSettleTogether, writeCharge, writeClosed, writeOpened, writeProgress, writeSettled } from './compact-record.ts';
import { JournalPage } from './journal-page.ts';
import { maxRecordCharacters } from './journal-record.ts';
import { addOpened, addSettled } from './plain-record.ts';
import type { AttemptClosed, AttemptOpened, AttemptProgress, Charge, Segment } from './ledger.ts';

/** What waits for the journal's next write: a record, or one that is written with it, as an end that may share a line with its charge. */
export type JournalEntry =
  | { readonly kind: 'record'; readonly characters: number; readonly text: string }
  | { readonly kind: 'open'; readonly characters: number; readonly opened: AttemptOpened }
  | { readonly kind: 'close'; readonly characters: number; readonly closed: AttemptClosed }
  | { readonly kind: 'charge'; readonly characters: number; readonly charge: Charge; readonly segment: Segment };

/** So few characters of texts that no escaping makes a line of them too long. */
const shortCharacters = maxRecordCharacters / 8;
/** What no code unit of a text takes more of, escaped or in UTF-8, and what a line has besides its texts at most. */
const mostBytesACharacter = 3;
const mostBytesBesides = 256;

/** Undefined where the record is longer than a line may be. */
export function openedEntry(opened: AttemptOpened): JournalEntry | undefined {
  const characters = opened.attemptId.length + opened.requestId.length + askedCharacters(opened) + siliconCharacters(opened);
  return characters < shortCharacters ? { kind: 'open', characters, opened } : recordEntry(writeOpened(opened));
}

export function progressEntry(progress: AttemptProgress): JournalEntry | undefined {
  return recordEntry(writeProgress(progress));
}

export function closedEntry(closed: AttemptClosed): JournalEntry | undefined {
  const characters = closed.attemptId.length + closed.outcome.length;
  return characters < shortCharacters ? { kind: 'close', characters, closed } : recordEntry(writeClosed(closed));
}

export function chargeEntry(charge: Charge): JournalEntry | undefined {
  const { segments } = charge;
  const [segment] = segments;
  if (segment === undefined || segments.length > 1 || charge.probableRetry === true) return recordEntry(`charge ${JSON.stringify(charge)}`);
  const ids = charge.requestId.length + segment.attemptId.length + charge.outcome.length;
  const characters = ids + askedCharacters(charge) + siliconCharacters(segment);
  return characters < shortCharacters ? { kind: 'charge', characters, charge, segment } : recordEntry(writeCharge(charge, segment));
}

function askedCharacters({ tenant, route, model, keyId }: AttemptOpened | Charge): number {
  return tenant.length + route.length + model.length + (keyId === undefined ? 0 : keyId.length);
}

function siliconCharacters({ deploymentId, endpointId, vendor, chip, evidence }: AttemptOpened | Segment): number {
  return deploymentId.length + endpointId.length + vendor.length + chip.length + evidence.length;
}

function recordEntry(text: string): JournalEntry | undefined {
  return text.length + 10 > maxRecordCharacters ? undefined : { kind: 'record', characters: text.length, text };
}

const page = new JournalPage();
/** Charges come in the order of their ends, but for a few: further than this one is not looked for. */
const farthest = 16;

/**
 * The bytes of what one write takes. An end shares a line with its charge, since most of what they say is the same: those
 * of a turn of the event loop come one after another, and their charges behind them all. An end that no charge takes
 * along stands behind all of them: of its own attempt nothing but another end comes after it.
 */
export function encodeEntries(entries: readonly JournalEntry[]): Buffer {
  let most = 0;
  for (const entry of entries) most += entry.characters * mostBytesACharacter + mostBytesBesides;
  page.begin(most);
  // Ends of which nothing is written yet, in their order; undefined where a charge took one along.
  const waiting: (AttemptClosed | undefined)[] = [];
  let first = 0;
  for (const entry of entries) {
    if (entry.kind === 'close') waiting.push(entry.closed);
    else if (entry.kind === 'charge') {
      while (first < waiting.length && waiting[first] === undefined) first += 1;
      addCharge(entry.charge, entry.segment, takeEnd(waiting, first, entry.charge, entry.segment));
    } else if (entry.kind === 'record') page.add(entry.text);
    else if (!addOpened(page, entry.opened)) page.add(writeOpened(entry.opened));
  }
  for (const closed of waiting) if (closed !== undefined) page.add(writeClosed(closed));
  return page.taken();
}

/** The attempt's first end, where it can share its charge's line. */
function takeEnd(waiting: (AttemptClosed | undefined)[], first: number, charge: Charge, segment: Segment): AttemptClosed | undefined {
  const behind = Math.min(waiting.length, first + farthest);
  for (let index = first; index < behind; index += 1) {
    const closed = waiting[index];
    if (closed === undefined || closed.attemptId !== segment.attemptId) continue;
    if (!canSettleTogether(closed, charge, segment)) return undefined;
    waiting[index] = undefined;
    return closed;
  }
  return undefined;
}

function addCharge(charge: Charge, segment: Segment, closed: AttemptClosed | undefined): void {
  if (closed === undefined) page.add(writeCharge(charge, segment));
  else if (!addSettled(page, closed, charge, segment)) page.add(writeSettled(closed, charge, segment));
}
