import { isAscii } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { readCompactRecords } from './compact-record.ts';
import { fieldSeparator } from './journal-field.ts';
import type { JournalRecord } from './journal-row.ts';
import { parseJsonRecord } from './json-record.ts';

/** A record that is longer is refused, so that a reader with a bounded buffer always finds the end of a line. */
export const maxRecordCharacters = 65_536;

// One line: CRC-32 of the rest in eight hex digits, a space, the record. A line that a crash cut short or a disk
// damaged fails its checksum, and the next newline is where reading goes on.

const newline = 0x0a;
const checksumBytes = 9;
const unchecked = '00000000 ';

/** The lines of records, checked. The checksums are put in where the text is bytes already: that saves a copy of each line. */
export function encodeLines(records: readonly string[]): Buffer {
  const bytes = Buffer.from(`${unchecked}${records.join(`\n${unchecked}`)}\n`, 'utf8');
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(newline, start);
    writeHex(bytes, start, crc32(bytes.subarray(start + checksumBytes, end)));
    start = end + 1;
  }
  return bytes;
}

function writeHex(bytes: Buffer, start: number, value: number): void {
  for (let digit = 0; digit < 8; digit += 1) {
    const nibble = (value >>> (28 - 4 * digit)) & 0xf;
    bytes[start + digit] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble;
  }
}

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
  const records: JournalRecord[] = [];
  let damagedLines = 0;
  let start = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    const recordStart = start + checksumBytes;
    const found = isWhole(bytes, start, end) ? readLine(text?.slice(recordStart, end) ?? bytes.toString('utf8', recordStart, end)) : undefined;
    if (found === undefined) damagedLines += 1;
    else for (const record of found) records.push(record);
    start = end + 1;
  }
  return { records, consumedBytes: start, damagedLines };
}

function readLine(text: string): readonly JournalRecord[] | undefined {
  if (text[1] === fieldSeparator) return readCompactRecords(text);
  const space = text.indexOf(' ');
  const record = parseJsonRecord(text.slice(0, space), text.slice(space + 1));
  return record === undefined ? undefined : [record];
}

/** Whether a line has the checksum that its first nine bytes say. */
function isWhole(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < checksumBytes || bytes[start + checksumBytes - 1] !== 0x20) return false;
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
