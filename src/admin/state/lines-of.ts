import { closeSync, createReadStream, ftruncateSync, openSync, readSync, fstatSync } from 'node:fs';
import { isErrno } from '../../std/is-errno.ts';

/** No line of ours is longer; of one that is, only the beginning is given. */
const longestLine = 1024 * 1024;
const tailBytes = 64 * 1024;
const lineFeed = 0x0a;

/** The lines of a file, which end at line feeds alone: JSON may hold what other readers take for a line's end (U+2028). */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const piece of createReadStream(path, 'utf8')) {
      const lines = `${rest}${String(piece)}`.split('\n');
      rest = (lines.pop() ?? '').slice(0, longestLine);
      yield* lines;
    }
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  if (rest !== '') yield rest;
}

/** Takes off what a crash left of a line that was being written: it was acknowledged to nobody. Returns whether there was any. */
export function dropTornLine(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    let end = size;
    const tail = Buffer.alloc(tailBytes);
    while (end > 0) {
      const from = Math.max(0, end - tailBytes);
      const read = readSync(file, tail, 0, end - from, from);
      const last = tail.subarray(0, read).lastIndexOf(lineFeed);
      if (last >= 0) {
        end = from + last + 1;
        break;
      }
      end = from;
    }
    if (end < size) ftruncateSync(file, end);
    return end < size;
  } finally {
    closeSync(file);
  }
}
