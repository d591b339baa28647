import { isAscii } from 'node:buffer';
import { checksumOf, emptyRegister, registerAfter } from './line-checksum.ts';
import { readCompactRecords } from './compact-record.ts';
import { FieldReader } from './journal-field.ts';
import { checksumBytes, newline, space } from './journal-page.ts';
import type { JournalRecord } from './journal-row.ts';
import { parseJsonRecord } from './json-record.ts';

/** A record that is longer is refused, so that a reader with a bounded buffer always finds the end of a line. */
export const maxRecordCharacters = 65_536;

export interface DecodedRecords {
  readonly records: readonly JournalRecord[];
  /** Up to and with the last newline: what follows is not a whole line yet, or never will be. */
  readonly consumedBytes: number;
  /** Whole lines that are not what was written. */
  readonly damagedLines: number;
}

/** So many bytes at once become a text: one that is larger gets memory of its own from the operating system each time. */
const pieceBytes = 65_536;

export function decodeRecords(bytes: Buffer): DecodedRecords {
  const records: JournalRecord[] = [];
  let damagedLines = 0;
  let start = 0;
  for (let end = endOfPiece(bytes, start); end > 0; end = endOfPiece(bytes, start)) {
    damagedLines += decodeLines(bytes.subarray(start, end), records);
    start = end;
  }
  return { records, consumedBytes: start, damagedLines };
}

/** The end of the last whole line of a piece, or of the one line that is longer; 0 where no line ends. */
function endOfPiece(bytes: Buffer, start: number): number {
  const last = bytes.lastIndexOf(newline, start + pieceBytes - 1);
  return (last >= start ? last : bytes.indexOf(newline, start + pieceBytes)) + 1;
}

/** Adds what whole lines say, and returns how many of them are damaged. */
function decodeLines(bytes: Buffer, records: JournalRecord[]): number {
  // One text for all lines saves a call a line, where characters and bytes are the same.
  const fields = isAscii(bytes) ? new FieldReader(bytes.toString('latin1')) : undefined;
  let damagedLines = 0;
  let start = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    const recordStart = start + checksumBytes;
    if (!isWhole(bytes, start, end)) damagedLines += 1;
    else if (fields === undefined) {
      const line = bytes.toString('utf8', recordStart, end);
      if (!readLine(new FieldReader(line), 0, line.length, records)) damagedLines += 1;
    } else if (!readLine(fields, recordStart, end, records)) damagedLines += 1;
    start = end + 1;
  }
  return damagedLines;
}

/** Adds what the line from `start` to before `end` says; false where it says nothing that we write. */
function readLine(fields: FieldReader, start: number, end: number, records: JournalRecord[]): boolean {
  fields.begin(start, end);
  const kind = fields.kind();
  if (kind !== undefined) return readCompactRecords(kind, fields, records);
  const line = fields.rest();
  const kindEnd = line.indexOf(' ');
  const record = parseJsonRecord(line.slice(0, kindEnd), line.slice(kindEnd + 1));
  if (record !== undefined) records.push(record);
  return record !== undefined;
}

/** Whether a line has the checksum that its first nine bytes say. */
function isWhole(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < checksumBytes || bytes[start + checksumBytes - 1] !== space) return false;
  let stated = 0;
  for (let at = start; at < start + checksumBytes - 1; at += 1) {
    const digit = hexDigit(bytes[at] ?? 0);
    if (digit === -1) return false;
    stated = stated * 16 + digit;
  }
  return checksumOf(registerAfter(emptyRegister, bytes, start + checksumBytes, end)) === stated;
}

/** Lower case only: a flipped bit that turns a digit into its capital is damage too. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}
