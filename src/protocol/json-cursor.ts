import { digitsEnd, escapeLength, numberEnd, skipPlain, skipSpace, utf8Length } from './scan-json.ts';
import { textOfBytes } from '../std/text-of-bytes.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** Of a number without a fraction: few enough that it is exact. */
const mostDigits = 15;
const longestName = 32;

interface Name {
  readonly text: string;
  readonly index: number;
}

/** Names of members in ASCII, by their length. */
export type Names = readonly (readonly Name[] | undefined)[];

/** What any other member is called; more than a level's names are. */
export const another = 31;

/** Each is called by its place. */
export function namesOf(...names: readonly string[]): Names {
  const all = names.map((text, index) => ({ text, index }));
  return Array.from({ length: longestName }, (_, size) => {
    const some = all.filter(({ text }) => text.length === size);
    return some.length === 0 ? undefined : some;
  });
}

/**
 * Reads JSON of a known form, piece by piece, without building anything of it. Methods read on from where the last one
 * ended, past any space, and return whether what they name stands there; where it does not, `at` means nothing any more.
 */
export class JsonCursor {
  readonly bytes: Uint8Array;
  at = 0;
  /** Of the last text: its code points and its UTF-16 units. */
  characters = 0;
  units = 0;
  /** Whether it spells some by number, of which two may be one character. */
  isSpelledByNumber = false;
  /** The last whole number. */
  counted = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#skipSpace() >= this.bytes.length;
  }

  /** Whether this byte comes next; then it is read. */
  takes(byte: number): boolean {
    if (this.bytes[this.at] !== byte && this.bytes[this.#skipSpace()] !== byte) return false;
    this.at += 1;
    return true;
  }

  /** Where the next value begins. */
  begin(): number {
    return this.#skipSpace();
  }

  /** Which of the names stands here as a member's; -1 where no name does, and for what needs a parser. */
  name(names: Names): number {
    const start = this.#skipSpace() + 1;
    if (this.bytes[start - 1] !== QUOTE) return -1;
    const end = skipPlain(this.bytes, start);
    if (this.bytes[end] !== QUOTE) return -1;
    this.at = end + 1;
    const some = end - start < longestName ? names[end - start] : undefined;
    if (some !== undefined) for (const { text, index } of some) if (this.#stands(text, start)) return index;
    return another;
  }

  literal(text: string): boolean {
    if (!this.#stands(text, this.#skipSpace())) return false;
    this.at += text.length;
    return true;
  }

  /** A string of plain ASCII. */
  word(): string | undefined {
    const start = this.#skipSpace() + 1;
    const end = skipPlain(this.bytes, start);
    if (this.bytes[start - 1] !== QUOTE || this.bytes[end] !== QUOTE) return undefined;
    this.at = end + 1;
    return textOfBytes(this.bytes, start, end);
  }

  /** A string of well-formed UTF-8, whose characters and units are counted. */
  text(): boolean {
    const { bytes } = this;
    let at = this.#skipSpace();
    if (bytes[at] !== QUOTE) return false;
    let [characters, units] = [0, 0];
    this.isSpelledByNumber = false;
    for (at += 1; ;) {
      const end = skipPlain(bytes, at);
      characters += end - at;
      units += end - at;
      const byte = bytes[end];
      at = end + 1;
      if (byte === QUOTE) break;
      const size = byte === BACKSLASH ? escapeLength(bytes, end) : utf8Length(bytes, end);
      if (size === 0) return false;
      if (size === 6) this.isSpelledByNumber = true;
      characters += 1;
      // What takes four bytes in UTF-8 takes two units in UTF-16.
      units += size === 4 ? 2 : 1;
      at = end + size;
    }
    this.at = at;
    this.characters = characters;
    this.units = units;
    return true;
  }

  /** `null` or an empty array: neither says anything. */
  nothing(): boolean {
    if (this.takes(OPEN_ARRAY)) return this.takes(CLOSE_ARRAY);
    return this.literal('null');
  }

  /** Whatever has no parts and is not asked for. */
  plain(): boolean {
    switch (this.bytes[this.#skipSpace()]) {
      case QUOTE:
        return this.#string();
      case OPEN_ARRAY:
        return this.takes(OPEN_ARRAY) && this.takes(CLOSE_ARRAY);
      case OPEN_OBJECT:
        return this.takes(OPEN_OBJECT) && this.takes(CLOSE_OBJECT);
      case 0x6e:
        return this.literal('null');
      case 0x74:
        return this.literal('true');
      case 0x66:
        return this.literal('false');
      default:
        return this.number();
    }
  }

  /** A whole number of at least zero, without sign, fraction and exponent. */
  count(): boolean {
    const start = this.#skipSpace();
    const end = digitsEnd(this.bytes, start);
    if (end < 0 || end - start > mostDigits) return false;
    let counted = 0;
    for (let at = start; at < end; at++) counted = counted * 10 + (this.bytes[at] ?? 0) - 0x30;
    const next = this.bytes[end];
    if ((this.bytes[start] === 0x30 && end > start + 1) || next === 0x2e || next === 0x45 || next === 0x65) return false;
    this.at = end;
    this.counted = counted;
    return true;
  }

  /** Any number of RFC 8259 §6. */
  number(): boolean {
    const end = numberEnd(this.bytes, this.#skipSpace());
    if (end < 0) return false;
    this.at = end;
    return true;
  }

  /** A string that nobody asks for; what is wrong in its UTF-8 hides no end of it. */
  #string(): boolean {
    const { bytes } = this;
    let at = this.at + 1;
    for (;;) {
      at = skipPlain(bytes, at);
      const byte = bytes[at];
      if (byte === QUOTE) break;
      const size = byte === BACKSLASH ? escapeLength(bytes, at) : byte !== undefined && byte >= 0x80 ? 1 : 0;
      if (size === 0) return false;
      at += size;
    }
    this.at = at + 1;
    return true;
  }

  #stands(text: string, at: number): boolean {
    for (let index = 0; index < text.length; index++) if (this.bytes[at + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  #skipSpace(): number {
    this.at = skipSpace(this.bytes, this.at);
    return this.at;
  }
}
