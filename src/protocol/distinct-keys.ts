import { textOfBytes } from '../std/text-of-bytes.ts';

/** From this many keys on, a set of decoded names beats comparing a key with each one before it. */
const LINEAR_KEYS = 16;

/** The name between the quotes at `start` and `end`, unescaped; the bytes are a JSON string that was checked before. */
export function decodeKey(bytes: Uint8Array, start: number, end: number, escaped: boolean): string {
  if (!escaped) return textOfBytes(bytes, start, end);
  const name: unknown = JSON.parse(textOfBytes(bytes, start - 1, end + 1));
  return String(name);
}

/** Shared by all scans, each of which ends before the next begins; a text with more open keys gets an array of its own. */
const sharedSpans = new Int32Array(4 * LINEAR_KEYS);

/**
 * Finds keys that stand twice in one object, at any depth, while a JSON text is scanned. Small objects without
 * escapes, which is nearly all, are compared as bytes, for valid UTF-8 spells each name in one way only.
 */
export class DistinctKeys {
  readonly #bytes: Uint8Array;
  /** Start and end of the keys of all open objects, one object's keys after the other's. */
  #spans = sharedSpans;
  #spanCount = 0;
  /** Where the keys of the innermost open object begin in #spans, and its names where comparing bytes would not do. */
  #base = 0;
  #names: Set<string> | undefined;
  /** The same of the objects around it. */
  readonly #outerBases: number[] = [];
  readonly #outerNames: (Set<string> | undefined)[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  openObject(): void {
    this.#outerBases.push(this.#base);
    this.#outerNames.push(this.#names);
    this.#base = this.#spanCount;
    this.#names = undefined;
  }

  closeObject(): void {
    this.#spanCount = this.#base;
    this.#base = this.#outerBases.pop() ?? 0;
    this.#names = this.#outerNames.pop();
  }

  /** Adds the key between these offsets (quotes left out) to the innermost object; false where it stood there before. */
  add(start: number, end: number, escaped: boolean): boolean {
    const base = this.#base;
    if (this.#names === undefined && (escaped || this.#spanCount - base >= 2 * LINEAR_KEYS)) this.#names = this.#decodeAll(base);
    const names = this.#names;
    if (names !== undefined) {
      const before = names.size;
      names.add(decodeKey(this.#bytes, start, end, escaped));
      return names.size > before;
    }
    for (let index = base; index < this.#spanCount; index += 2) {
      if (this.#equal(this.#spans[index] ?? 0, this.#spans[index + 1] ?? 0, start, end)) return false;
    }
    if (this.#spanCount + 2 > this.#spans.length) {
      const larger = new Int32Array(2 * this.#spans.length);
      larger.set(this.#spans);
      this.#spans = larger;
    }
    this.#spans[this.#spanCount++] = start;
    this.#spans[this.#spanCount++] = end;
    return true;
  }

  #decodeAll(base: number): Set<string> {
    const names = new Set<string>();
    for (let index = base; index < this.#spanCount; index += 2) {
      names.add(decodeKey(this.#bytes, this.#spans[index] ?? 0, this.#spans[index + 1] ?? 0, false));
    }
    return names;
  }

  #equal(start: number, end: number, otherStart: number, otherEnd: number): boolean {
    if (end - start !== otherEnd - otherStart) return false;
    for (let offset = 0; offset < end - start; offset++) {
      if (this.#bytes[start + offset] !== this.#bytes[otherStart + offset]) return false;
    }
    return true;
  }
}
