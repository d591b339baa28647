import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const chunkBytes = 1 << 16;

/** The lines of a file, a piece of it in memory at a time; a packed one (`.gz`) is unpacked whole. */
export function* readLines(path: string): Generator<string, undefined> {
  if (path.endsWith('.gz')) {
    yield* gunzipSync(readFileSync(path)).toString('utf8').split(/\r?\n/);
    return undefined;
  }
  const file = openSync(path, 'r');
  try {
    const decoder = new TextDecoder();
    const chunk = new Uint8Array(chunkBytes);
    let rest = '';
    for (let bytes = readSync(file, chunk); bytes > 0; bytes = readSync(file, chunk)) {
      const lines = (rest + decoder.decode(chunk.subarray(0, bytes), { stream: true })).split(/\r?\n/);
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(file);
  }
  return undefined;
}
