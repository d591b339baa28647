import { canSettleTogether, writeCharge, writeClosed, writeOpened, writeProgress, writeSettled } from './compact-record.ts';
import { encodeLines, maxRecordCharacters } from './journal-record.ts';
import type { AttemptClosed, AttemptOpened, AttemptProgress, Charge, Segment } from './ledger.ts';

/** What waits for the journal's next write: a record, or an end that may share a line with its charge. */
export type JournalEntry =
  | { readonly kind: 'record'; readonly text: string }
  | { readonly kind: 'close'; readonly closed: AttemptClosed }
  | { readonly kind: 'charge'; readonly charge: Charge; readonly segment: Segment };

/** Undefined where the record is longer than a line may be. */
export function openedEntry(attempt: AttemptOpened): JournalEntry | undefined {
  return recordEntry(writeOpened(attempt));
}

export function progressEntry(progress: AttemptProgress): JournalEntry | undefined {
  return recordEntry(writeProgress(progress));
}

export function closedEntry(closed: AttemptClosed): JournalEntry | undefined {
  return isShort(closed.attemptId.length + closed.outcome.length) ? { kind: 'close', closed } : recordEntry(writeClosed(closed));
}

export function chargeEntry(charge: Charge): JournalEntry | undefined {
  const [segment, ...others] = charge.segments;
  if (segment === undefined || others.length > 0 || charge.probableRetry === true) return recordEntry(`charge ${JSON.stringify(charge)}`);
  const { requestId, tenant, route, model, outcome, keyId = '' } = charge;
  const { attemptId, deploymentId, endpointId, vendor, chip, evidence } = segment;
  const asked = tenant.length + route.length + model.length + keyId.length;
  const silicon = deploymentId.length + endpointId.length + vendor.length + chip.length + evidence.length;
  return isShort(requestId.length + attemptId.length + outcome.length + asked + silicon)
    ? { kind: 'charge', charge, segment }
    : recordEntry(writeCharge(charge, segment));
}

function recordEntry(text: string): JournalEntry | undefined {
  return text.length + 10 > maxRecordCharacters ? undefined : { kind: 'record', text };
}

/** So short that no escaping makes a line of it too long. */
function isShort(characters: number): boolean {
  return characters < maxRecordCharacters / 8;
}

/** The bytes of what one write takes. An end whose charge follows it shares a line, since most of what they say is the same. */
export function encodeEntries(entries: readonly JournalEntry[]): Buffer {
  const records: string[] = [];
  let waiting: AttemptClosed | undefined;
  for (const entry of entries) {
    if (waiting !== undefined) {
      if (entry.kind === 'charge' && canSettleTogether(waiting, entry.charge, entry.segment)) {
        records.push(writeSettled(waiting, entry.charge, entry.segment));
        waiting = undefined;
        continue;
      }
      records.push(writeClosed(waiting));
      waiting = undefined;
    }
    if (entry.kind === 'close') waiting = entry.closed;
    else records.push(entry.kind === 'record' ? entry.text : writeCharge(entry.charge, entry.segment));
  }
  if (waiting !== undefined) records.push(writeClosed(waiting));
  return encodeLines(records);
}
