import { failure, success } from '../std/result.ts';
import type { Result } from '../std/result.ts';
import { DistinctKeys, decodeKey } from './distinct-keys.ts';

/** How strict a scan is. Depth counts open brackets; a token is a key, a scalar or an opening bracket. */
export interface ScanLimits {
  readonly depth: number;
  readonly tokens: number;
  /** `last-wins` is what JSON.parse does: fit for a vendor's body, while a client could hide a limit behind it. */
  readonly duplicateKeys: 'reject' | 'last-wins';
}

/** For what a client sends (security requirement S16). */
export const strictScan: ScanLimits = { depth: 64, tokens: 100_000, duplicateKeys: 'reject' };

/** For what an endpoint sends: grammar and UTF-8 stay strict, sizes are those of a long answer with logprobs. */
export const lenientScan: ScanLimits = { depth: 512, tokens: 10_000_000, duplicateKeys: 'last-wins' };

/** Byte offsets: the key's opening quote, the value's first byte, and the byte after the value. */
export interface MemberSpan {
  readonly keyStart: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

export interface ScannedJson {
  readonly kind: 'object' | 'array' | 'scalar';
  /** The members of a top-level object by their unescaped names; empty for any other text. */
  readonly members: ReadonlyMap<string, MemberSpan>;
  /** Earlier top-level members that a later one of the same name hides; always empty where duplicates are refused. */
  readonly shadowed: readonly (MemberSpan & { readonly name: string })[];
}

export interface ScanFailure {
  /** A full sentence with the offset; it never quotes the text, which may hold a prompt. */
  readonly what: string;
  /** In bytes from the start. */
  readonly offset: number;
}

/**
 * Checks that the bytes are one JSON text by RFC 8259 in valid UTF-8 without a byte order mark, within the limits,
 * and notes where the top-level members stand. Nothing is built from the values, so numbers that no JavaScript
 * number can hold are as good as any.
 */
export function scanJson(bytes: Uint8Array, limits: ScanLimits = strictScan): Result<ScannedJson, ScanFailure> {
  return new JsonScanner(bytes, limits).scan();
}

const FAILED = -1;
const END = -1;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const LITERALS = [new TextEncoder().encode('true'), new TextEncoder().encode('false'), new TextEncoder().encode('null')];
/** What may follow a backslash, save `u`: " \ / b f n r t. */
const SHORT_ESCAPES: ReadonlySet<number> = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74]);

/** 1 for each byte of a string that stands for itself: ASCII without controls, quote and backslash. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) => Number(byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH));

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? END;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isHexDigit = (byte: number): boolean => isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

/** Shared by all scans, each of which ends before the next begins; it grows with the deepest limit that was asked for. */
let openBrackets = new Uint8Array(64);

/** Methods take an offset and return the next one, or FAILED with the failure noted: no allocation for a token. */
class JsonScanner {
  readonly #bytes: Uint8Array;
  readonly #limits: ScanLimits;
  readonly #keys: DistinctKeys;
  /** One entry for each open bracket: 1 for an object, 0 for an array. */
  readonly #open: Uint8Array;
  #depth = 0;
  #tokens = 0;
  #failure: ScanFailure = { what: 'Nothing was scanned yet.', offset: 0 };
  #escaped = false;
  #name = '';
  #keyStart = 0;
  #valueStart = 0;
  readonly #members = new Map<string, MemberSpan>();
  readonly #shadowed: (MemberSpan & { readonly name: string })[] = [];

  constructor(bytes: Uint8Array, limits: ScanLimits) {
    if (limits.depth > openBrackets.length) openBrackets = new Uint8Array(limits.depth);
    this.#open = openBrackets;
    this.#bytes = bytes;
    this.#limits = limits;
    this.#keys = new DistinctKeys(bytes);
  }

  scan(): Result<ScannedJson, ScanFailure> {
    const first = this.#skipSpace(0);
    const opening = byteAt(this.#bytes, first);
    const kind = opening === OPEN_OBJECT ? 'object' : opening === OPEN_ARRAY ? 'array' : 'scalar';
    let at = this.#value(first);
    while (at !== FAILED && this.#depth > 0) at = this.#afterValue(this.#skipSpace(at));
    if (at !== FAILED) {
      at = this.#skipSpace(at);
      if (at < this.#bytes.length) at = this.#fail(at, 'the text goes on after its value');
    }
    if (at === FAILED) return failure(this.#failure);
    return success({ kind, members: this.#members, shadowed: this.#shadowed });
  }

  /** One scalar, or an opening bracket with all that leads to the next scalar; `at` stands on the first byte. */
  #value(start: number): number {
    let at = start;
    for (;;) {
      if (!this.#countToken(at)) return FAILED;
      const byte = byteAt(this.#bytes, at);
      if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY) return this.#ended(this.#scalar(at, byte));
      if (!this.#push(at, byte === OPEN_OBJECT)) return FAILED;
      at = this.#skipSpace(at + 1);
      if (byteAt(this.#bytes, at) === (byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY)) return this.#close(at);
      if (byte === OPEN_OBJECT) at = this.#key(at);
      if (at === FAILED) return FAILED;
    }
  }

  /** A comma and the next value, or the closing bracket. */
  #afterValue(at: number): number {
    const inObject = this.#open[this.#depth - 1] === 1;
    const byte = byteAt(this.#bytes, at);
    if (byte === COMMA) {
      const next = this.#skipSpace(at + 1);
      const value = inObject ? this.#key(next) : next;
      return value === FAILED ? FAILED : this.#value(value);
    }
    if (byte === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return this.#close(at);
    return this.#fail(at, inObject ? 'a comma or a closing brace was expected' : 'a comma or a closing bracket was expected');
  }

  #push(at: number, isObject: boolean): boolean {
    if (this.#depth >= this.#limits.depth) {
      this.#fail(at, `the nesting is deeper than ${this.#limits.depth}`);
      return false;
    }
    this.#open[this.#depth++] = isObject ? 1 : 0;
    if (isObject && this.#limits.duplicateKeys === 'reject') this.#keys.openObject();
    return true;
  }

  #close(at: number): number {
    this.#depth -= 1;
    if (this.#open[this.#depth] === 1 && this.#limits.duplicateKeys === 'reject') this.#keys.closeObject();
    return this.#ended(at + 1);
  }

  /** Notes a finished value where it belongs to a member of the top-level object. */
  #ended(valueEnd: number): number {
    if (valueEnd === FAILED || this.#depth !== 1 || this.#open[0] !== 1) return valueEnd;
    const hidden = this.#members.get(this.#name);
    if (hidden !== undefined) this.#shadowed.push({ ...hidden, name: this.#name });
    this.#members.set(this.#name, { keyStart: this.#keyStart, valueStart: this.#valueStart, valueEnd });
    return valueEnd;
  }

  /** A key and its colon; returns where the value starts. */
  #key(start: number): number {
    if (!this.#countToken(start)) return FAILED;
    if (byteAt(this.#bytes, start) !== QUOTE) return this.#fail(start, 'a key in double quotes was expected');
    const end = this.#string(start);
    if (end === FAILED) return FAILED;
    const escaped = this.#escaped;
    if (this.#limits.duplicateKeys === 'reject' && !this.#keys.add(start + 1, end - 1, escaped)) {
      return this.#fail(start, 'a key stands twice in the same object');
    }
    const colon = this.#skipSpace(end);
    if (byteAt(this.#bytes, colon) !== COLON) return this.#fail(colon, 'a colon was expected');
    const value = this.#skipSpace(colon + 1);
    if (this.#depth === 1) {
      this.#name = decodeKey(this.#bytes, start + 1, end - 1, escaped);
      this.#keyStart = start;
      this.#valueStart = value;
    }
    return value;
  }

  #scalar(at: number, byte: number): number {
    if (byte === QUOTE) return this.#string(at);
    if (byte === 0x2d || isDigit(byte)) return this.#number(at);
    for (const literal of LITERALS) {
      if (byte !== literal[0]) continue;
      for (let index = 1; index < literal.length; index++) {
        if (byteAt(this.#bytes, at + index) !== literal[index]) return this.#fail(at, 'a value was expected');
      }
      return at + literal.length;
    }
    return this.#fail(at, 'a value was expected');
  }

  #number(start: number): number {
    const end = numberEnd(this.#bytes, start);
    return end >= 0 ? end : this.#fail(~end, 'a digit was expected');
  }

  /** A string from its opening quote; notes in #escaped whether it held a backslash. */
  #string(start: number): number {
    const bytes = this.#bytes;
    this.#escaped = false;
    let at = start + 1;
    for (;;) {
      at = skipPlain(bytes, at);
      const byte = byteAt(bytes, at);
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) {
        this.#escaped = true;
        at = this.#escape(at);
      } else if (byte >= 0x80) {
        const length = utf8Length(bytes, at);
        at = length === 0 ? this.#fail(at, 'the text is not valid UTF-8') : at + length;
      } else {
        at = this.#fail(at, byte === END ? 'a string is not closed' : 'a control character in a string is not escaped');
      }
      if (at === FAILED) return FAILED;
    }
  }

  #escape(at: number): number {
    const length = escapeLength(this.#bytes, at);
    if (length > 0) return at + length;
    const isNumbered = byteAt(this.#bytes, at + 1) === 0x75;
    return this.#fail(at, isNumbered ? 'a \\u escape lacks its four hexadecimal digits' : 'an escape in a string is unknown');
  }

  #skipSpace(start: number): number {
    return skipSpace(this.#bytes, start);
  }

  #countToken(at: number): boolean {
    this.#tokens += 1;
    if (this.#tokens <= this.#limits.tokens) return true;
    this.#fail(at, `there are more than ${this.#limits.tokens} keys and values`);
    return false;
  }

  #fail(offset: number, problem: string): typeof FAILED {
    this.#failure = { what: `The JSON text is refused at byte ${offset}: ${problem}.`, offset };
    return FAILED;
  }
}

/** Where the next token begins. */
export function skipSpace(bytes: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const byte = byteAt(bytes, at);
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at += 1;
  }
}

/** Where the number at `start` ends (RFC 8259 §6); where a digit is missing, the complement of that place. */
export function numberEnd(bytes: Uint8Array, start: number): number {
  let at = byteAt(bytes, start) === 0x2d ? start + 1 : start;
  at = byteAt(bytes, at) === 0x30 ? at + 1 : digitsEnd(bytes, at);
  if (at >= 0 && byteAt(bytes, at) === 0x2e) at = digitsEnd(bytes, at + 1);
  if (at >= 0 && (byteAt(bytes, at) | 0x20) === 0x65) {
    const sign = byteAt(bytes, at + 1);
    at = digitsEnd(bytes, sign === 0x2b || sign === 0x2d ? at + 2 : at + 1);
  }
  return at;
}

/** Where the digits at `start` end; the complement of `start` where there is none. */
export function digitsEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isDigit(byteAt(bytes, at))) at += 1;
  return at > start ? at : ~start;
}

/** The length of the escape whose backslash is at `at`; 0 where it is none. */
export function escapeLength(bytes: Uint8Array, at: number): number {
  const letter = byteAt(bytes, at + 1);
  if (SHORT_ESCAPES.has(letter)) return 2;
  if (letter !== 0x75) return 0;
  for (let digit = at + 2; digit < at + 6; digit++) if (!isHexDigit(byteAt(bytes, digit))) return 0;
  return 6;
}

/** Most bytes of most bodies pass here: one look-up for a byte was a third faster than four comparisons. */
export function skipPlain(bytes: Uint8Array, start: number): number {
  let at = start;
  while (PLAIN[bytes[at] ?? QUOTE] === 1) at += 1;
  return at;
}

/** The length of the well-formed sequence of two to four bytes at `at`, or 0 (RFC 3629 section 4). */
export function utf8Length(bytes: Uint8Array, at: number): number {
  const lead = byteAt(bytes, at);
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  // The second byte's range shuts out overlong forms (E0, F0), surrogates (ED) and what lies beyond U+10FFFF (F4).
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  const second = byteAt(bytes, at + 1);
  if (length === 0 || second < low || second > high) return 0;
  for (let index = at + 2; index < at + length; index++) {
    if ((byteAt(bytes, index) & 0xc0) !== 0x80) return 0;
  }
  return length;
}
