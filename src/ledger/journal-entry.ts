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

/**
 * The bytes of what one write takes. An end shares a line with its charge, since most of what they say is the same,
 * wherever in the write the two stand: an end waits for its charge, but for no other record of its own attempt that must
 * stand behind it.
 */
export function encodeEntries(entries: readonly JournalEntry[]): Buffer {
  let most = 0;
  for (const entry of entries) most += entry.characters * mostBytesACharacter + mostBytesBesides;
  page.begin(most);
  const ends = new Map<string, AttemptClosed>();
  for (const entry of entries) addEntry(entry, ends);
  for (const closed of ends.values()) page.add(writeClosed(closed));
  return page.taken();
}

function addEntry(entry: JournalEntry, ends: Map<string, AttemptClosed>): void {
  switch (entry.kind) {
    case 'open':
      if (ends.size > 0) addEnd(entry.opened.attemptId, ends);
      if (!addOpened(page, entry.opened)) page.add(writeOpened(entry.opened));
      return;
    case 'close':
      addEnd(entry.closed.attemptId, ends);
      ends.set(entry.closed.attemptId, entry.closed);
      return;
    case 'charge':
      return addCharge(entry.charge, entry.segment, ends);
    case 'record':
      page.add(entry.text);
  }
}

/** Writes down an end that waits for its charge: the attempt has more to say. */
function addEnd(attemptId: string, ends: Map<string, AttemptClosed>): void {
  const closed = ends.get(attemptId);
  if (closed === undefined) return;
  page.add(writeClosed(closed));
  ends.delete(attemptId);
}

function addCharge(charge: Charge, segment: Segment, ends: Map<string, AttemptClosed>): void {
  const closed = ends.get(segment.attemptId);
  if (closed === undefined || !canSettleTogether(closed, charge, segment)) return page.add(writeCharge(charge, segment));
  ends.delete(segment.attemptId);
  if (!addSettled(page, closed, charge, segment)) page.add(writeSettled(closed, charge, segment));
}
