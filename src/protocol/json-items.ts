import { newBytes } from '../std/byte-slab.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Where one item of an array stands, in bytes from the array's opening bracket. */
export interface ItemSpan {
  readonly start: number;
  readonly end: number;
}

/** The items of a JSON array that was scanned already (its grammar is not checked again); empty for anything else. */
export function jsonItems(array: Uint8Array): readonly ItemSpan[] {
  if (array[0] !== 0x5b) return [];
  const items: ItemSpan[] = [];
  let depth = 0;
  let inString = false;
  let start = 1;
  const close = (end: number): void => {
    const span = trimmed(array, start, end);
    if (span.end > span.start) items.push(span);
  };
  for (let at = 1; at < array.length; at += 1) {
    const byte = array[at] ?? 0;
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (OPENING.has(byte)) depth += 1;
    else if (CLOSING.has(byte) && depth > 0) depth -= 1;
    else if (CLOSING.has(byte)) {
      close(at);
      return items;
    } else if (byte === COMMA && depth === 0) {
      close(at);
      start = at + 1;
    }
  }
  return items;
}

function trimmed(array: Uint8Array, from: number, to: number): ItemSpan {
  let start = from;
  let end = to;
  while (start < end && SPACES.has(array[start] ?? 0)) start += 1;
  while (end > start && SPACES.has(array[end - 1] ?? 0)) end -= 1;
  return { start, end };
}

/** The same array with some items replaced; every other byte stays as it came. */
export function spliceItems(array: Uint8Array, edited: (item: Uint8Array, index: number) => Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  let kept = 0;
  for (const [index, { start, end }] of jsonItems(array).entries()) {
    pieces.push(array.subarray(kept, start), edited(array.subarray(start, end), index));
    kept = end;
  }
  pieces.push(array.subarray(kept));
  return joinBytes(pieces);
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const joined = newBytes(length);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
