import { isAscii } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { readCompactRecords } from './compact-record.ts';
import { FieldReader, fieldSeparator } from './journal-field.ts';
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

export function decodeRecords(bytes: Buffer): DecodedRecords {
  // One text for all lines saves a call a line, where characters and bytes are the same.
  const text = isAscii(bytes) ? bytes.toString('latin1') : undefined;
  const isEscaped = text?.includes('\\') ?? true;
  const records: JournalRecord[] = [];
  let damagedLines = 0;
  let start = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    const recordStart = start + checksumBytes;
    if (!isWhole(bytes, start, end)) damagedLines += 1;
    else if (text === undefined) {
      const line = bytes.toString('utf8', recordStart, end);
      if (!readLine(line, isEscaped, 0, line.length, records)) damagedLines += 1;
    } else if (!readLine(text, isEscaped, recordStart, end, records)) damagedLines += 1;
    start = end + 1;
  }
  return { records, consumedBytes: start, damagedLines };
}

/** Adds what the line from `start` to before `end` says; false where it says nothing that we write. */
function readLine(text: string, isEscaped: boolean, start: number, end: number, records: JournalRecord[]): boolean {
  if (text[start + 1] === fieldSeparator) {
    return readCompactRecords(text[start] ?? '', new FieldReader(text, isEscaped, start + 2, end), records);
  }
  const line = text.slice(start, end);
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
  return crc32(bytes.subarray(start + checksumBytes, end)) === stated;
}

/** Lower case only: a flipped bit that turns a digit into its capital is damage too. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}
