import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { AttemptClosed, AttemptOpened, Charge } from './ledger.ts';

/** A record that is longer is refused, so that a reader with a bounded buffer always finds the end of a line. */
export const maxRecordCharacters = 65_536;

// Strict integers, since one value that SQLite refuses would hold up every record behind it.
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

const opened = z.object({
  attemptId: z.string(),
  requestId: z.string(),
  ordinal: z.int(),
  reason: z.enum(['first', 'failover', 'continuation', 'hedge']),
  tenant: z.string(),
  route: z.string(),
  model: z.string(),
  ...silicon,
  openedAtWallMs: z.number(),
  reservedInputTokens: z.int(),
  reservedOutputTokens: z.int(),
}) satisfies z.ZodType<AttemptOpened>;

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
  requestId: z.string(),
  tenant: z.string(),
  route: z.string(),
  model: z.string(),
  outcome: z.string(),
  attempts: z.int(),
  usage,
  chargeUsd: z.number().nullish(),
  segments: z.array(z.object({ attemptId: z.string(), ...silicon, outputTokens: z.int(), characters: z.int() })),
  settledAtWallMs: z.number(),
});

export type OpenedRecord = z.infer<typeof opened>;
export type ClosedRecord = z.infer<typeof closed>;
export type ChargeRecord = z.infer<typeof charge>;

export type JournalRecord =
  | { readonly kind: 'open'; readonly record: OpenedRecord }
  | { readonly kind: 'close'; readonly record: ClosedRecord }
  | { readonly kind: 'charge'; readonly record: ChargeRecord };

/**
 * One line: CRC-32 of the rest in eight hex digits, the kind, the record as JSON. A line that a crash cut short or a
 * disk damaged fails its checksum, and the next newline is where reading goes on.
 */
export function encodeRecord(kind: 'open', record: AttemptOpened): string;
export function encodeRecord(kind: 'close', record: AttemptClosed): string;
export function encodeRecord(kind: 'charge', record: Charge): string;
export function encodeRecord(kind: JournalRecord['kind'], record: AttemptOpened | AttemptClosed | Charge): string {
  const payload = `${kind} ${JSON.stringify(record)}`;
  return `${checksum(payload)}${payload}\n`;
}

function checksum(payload: string | Buffer): string {
  return `${crc32(payload).toString(16).padStart(8, '0')} `;
}

export interface DecodedRecords {
  readonly records: readonly JournalRecord[];
  /** Up to and with the last newline: what follows is not a whole line yet, or never will be. */
  readonly consumedBytes: number;
  /** Whole lines that are not what was written. */
  readonly damagedLines: number;
}

const newline = 0x0a;
const checksumCharacters = 9;

export function decodeRecords(bytes: Buffer): DecodedRecords {
  const records: JournalRecord[] = [];
  let damagedLines = 0;
  let start = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    const record = decodeLine(bytes.subarray(start, end));
    if (record === undefined) damagedLines += 1;
    else records.push(record);
    start = end + 1;
  }
  return { records, consumedBytes: start, damagedLines };
}

function decodeLine(line: Buffer): JournalRecord | undefined {
  const payload = line.subarray(checksumCharacters);
  if (checksum(payload) !== line.toString('latin1', 0, checksumCharacters)) return undefined;
  const text = payload.toString('utf8');
  const space = text.indexOf(' ');
  return parseRecord(text.slice(0, space), text.slice(space + 1));
}

function parseRecord(kind: string, json: string): JournalRecord | undefined {
  const value = parseJson(json);
  if (kind === 'open') {
    const parsed = opened.safeParse(value);
    return parsed.success ? { kind, record: parsed.data } : undefined;
  }
  if (kind === 'close') {
    const parsed = closed.safeParse(value);
    return parsed.success ? { kind, record: parsed.data } : undefined;
  }
  if (kind === 'charge') {
    const parsed = charge.safeParse(value);
    return parsed.success ? { kind, record: parsed.data } : undefined;
  }
  return undefined;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
