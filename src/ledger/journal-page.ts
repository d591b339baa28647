import { checksumOf, emptyRegister, registerAfter, registerAfterEnd, type LineEnd } from './line-checksum.ts';

// One line: CRC-32 of the rest in eight hex digits, a space, the record. A line that a crash cut short or a disk
// damaged fails its checksum, and the next newline is where reading goes on.

export const newline = 0x0a;
export const space = 0x20;
export const checksumBytes = 9;

const tab = 0x09;
const zero = 0x30;
const point = 0x2e;
const backslash = 0x5c;
const firstPrintable = 0x20;
const lastAscii = 0x7f;
const pageBytes = 262_144;
const thousand = 1e3;
const million = 1e6;
const billion = 1e9;
const trillion = 1e12;
/** Below it JavaScript writes an exponent. */
const leastPlain = 1e-6;

/**
 * Where lines are written. What was encoded stays where it is until nobody refers to its page: memory for each line by
 * itself costs more than all else here, and lines that follow each other can go to the disk as one.
 */
export class JournalPage {
  #bytes = Buffer.alloc(0);
  #start = 0;
  #line = 0;
  #at = 0;
  #isPlain = true;

  /** Begins what `taken` gives: right behind what was taken before wherever there is room for as much as this. */
  begin(mostBytes: number): void {
    if (mostBytes > this.#bytes.length - this.#at) {
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(pageBytes, mostBytes));
      this.#at = 0;
    }
    this.#start = this.#at;
  }

  /** All lines since `begin`. */
  taken(): Buffer {
    return this.#bytes.subarray(this.#start, this.#at);
  }

  /** A line of a record that is a text already. */
  add(record: string): void {
    this.beginLine();
    this.#at += this.#bytes.write(record, this.#at);
    this.#finish(registerAfter(emptyRegister, this.#bytes, this.#line + checksumBytes, this.#at));
  }

  beginLine(): void {
    this.#line = this.#at;
    this.#at += checksumBytes;
    this.#isPlain = true;
  }

  /** Ends a line that was written field by field; false, and it is gone, where a text had more than plain characters. */
  endLine(end: LineEnd): boolean {
    if (!this.#isPlain) {
      this.#at = this.#line;
      return false;
    }
    const register = registerAfter(emptyRegister, this.#bytes, this.#line + checksumBytes, this.#at);
    this.#bytes.set(end.bytes, this.#at);
    this.#at += end.bytes.length;
    this.#finish(registerAfterEnd(register, end));
    return true;
  }

  /** A field, and the tab behind it. */
  text(text: string): void {
    const bytes = this.#bytes;
    const start = this.#at;
    const { length } = text;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code < firstPrintable || code > lastAscii || code === backslash) {
        this.#isPlain = false;
        return;
      }
      bytes[start + index] = code;
    }
    bytes[start + length] = tab;
    this.#at = start + length + 1;
  }

  /** A field with the number as JavaScript writes it, and the tab behind it. */
  number(value: number): void {
    if (value >= 0 && Number.isSafeInteger(value)) this.#at = this.#digits(value, this.#at);
    else if (!this.#decimal(value)) return this.text(String(value));
    this.#bytes[this.#at] = tab;
    this.#at += 1;
  }

  /**
   * Writes a number of at most 15 digits, nine or twelve of them behind the point, and says whether it is one: so few
   * digits are the shortest that read as it, which are those that JavaScript writes.
   */
  #decimal(value: number): boolean {
    if (!(value >= leastPlain && value < million)) return false;
    const unit = value < thousand ? trillion : billion;
    const units = Math.round(value * unit);
    if (units / unit !== value) return false;
    const whole = Math.floor(value);
    const trillionths = (units - whole * unit) * (trillion / unit);
    const millionths = Math.floor(trillionths / million);
    const start = this.#digits(whole, this.#at);
    this.#bytes[start] = point;
    let end = this.#padded(millionths, 6, start + 1);
    if (trillionths > millionths * million) end = this.#padded(trillionths - millionths * million, 6, end);
    while (this.#bytes[end - 1] === zero) end -= 1;
    this.#at = end;
    return true;
  }

  /** Each of these says where the digits end. */
  #digits(value: number, at: number): number {
    if (value >= billion) {
      const high = Math.floor(value / billion);
      return this.#padded(value - high * billion, 9, this.#digits(high, at));
    }
    let count = 1;
    for (let limit = 10; value >= limit; limit *= 10) count += 1;
    return this.#padded(value, count, at);
  }

  #padded(value: number, count: number, at: number): number {
    const bytes = this.#bytes;
    let rest = value | 0;
    for (let digit = at + count - 1; digit >= at; digit -= 1) {
      const next = (rest / 10) | 0;
      bytes[digit] = zero + (rest - next * 10);
      rest = next;
    }
    return at + count;
  }

  #finish(register: number): void {
    const bytes = this.#bytes;
    const line = this.#line;
    const value = checksumOf(register);
    for (let digit = 0; digit < 8; digit += 1) {
      const nibble = (value >>> (28 - 4 * digit)) & 0xf;
      bytes[line + digit] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble;
    }
    bytes[line + checksumBytes - 1] = space;
    bytes[this.#at] = newline;
    this.#at += 1;
  }
}
