/** What became of some bytes: all taken and more is to come, the body's end (with where it stands), or no body at all. */
export type ChunkedStep =
  | { readonly kind: 'more' }
  | { readonly kind: 'end'; readonly at: number }
  | { readonly kind: 'broken'; readonly what: string };

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
/** Seven digits are 256 MiB, more than any chunk here; leading zeros count, as they could hide an overflow. */
const sizeDigits = 7;
/** Extensions mean nothing to us (RFC 9112 §7.1.1), and a long one is an attempt to make somebody read for nothing. */
const extensionBytes = 256;
const trailerBytes = 8192;

type State =
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailer-start'
  | 'trailer-name'
  | 'trailer'
  | 'trailer-lf'
  | 'end-lf'
  | 'over';

const more: ChunkedStep = { kind: 'more' };

/** Who takes data out of bytes that are only lent: what it wants later it copies. */
export interface LentTaker {
  /** Returns where what it took ends; whatever stands there is told in another way. */
  readonly takeLent?: ((bytes: Uint8Array, start: number, end: number) => number) | undefined;
}

/**
 * Takes the chunks off a body (RFC 9112 §7.1), strictly: lines end with CRLF, a size is hexadecimal digits alone, and
 * what a trailer says is dropped. Bytes may come split anywhere.
 */
export class ChunkedDecoder {
  #state: State = 'size';
  #digits = 0;
  /** Bytes of the chunk still to come. */
  #left = 0;
  #lineBytes = 0;
  /** Where the data of the chunk that was found whole stands. */
  #from = 0;
  #to = 0;

  /** Tells `data` where the body's bytes stand among those from `start` to `limit`. */
  push(bytes: Uint8Array, start: number, limit: number, data: (from: number, to: number) => void): ChunkedStep {
    for (let at = start; at < limit;) {
      if (this.#state === 'size' && this.#digits === 0) {
        if (this.#findWhole(bytes, at, limit)) {
          at = this.#to + 2;
          data(this.#from, this.#to);
          continue;
        }
      }
      if (this.#state === 'data') {
        const end = Math.min(at + this.#left, limit);
        data(at, end);
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#state = 'data-cr';
        continue;
      }
      const broken = this.#take(bytes[at] ?? 0);
      if (broken !== undefined) return { kind: 'broken', what: broken };
      at += 1;
      if (this.#state === 'over') return { kind: 'end', at };
    }
    return more;
  }

  /**
   * Goes through whole chunks as long as the taker takes all that they hold. Returns where it stopped, be it within a
   * chunk: what stands there is for `push`.
   */
  pushLent(bytes: Uint8Array, start: number, limit: number, taker: LentTaker): number {
    if (this.#state !== 'size' || this.#digits > 0 || taker.takeLent === undefined) return start;
    let at = start;
    while (at < limit && this.#findWhole(bytes, at, limit)) {
      const to = this.#to;
      const taken = taker.takeLent(bytes, this.#from, to);
      if (taken < to) {
        this.#state = 'data';
        this.#left = to - taken;
        return taken;
      }
      at = to + 2;
    }
    return at;
  }

  /** Finds a chunk that is there from its size to its line's end, as those of most streams are, without a step for each byte. */
  #findWhole(bytes: Uint8Array, start: number, limit: number): boolean {
    let size = 0;
    let at = start;
    for (let digit = hexDigit(bytes[at] ?? 0); digit >= 0 && at - start < sizeDigits; digit = hexDigit(bytes[at] ?? 0)) {
      size = size * 16 + digit;
      at += 1;
    }
    const from = at + 2;
    const to = from + size;
    this.#from = from;
    this.#to = to;
    return size > 0 && to + 2 <= limit && bytes[at] === CR && bytes[at + 1] === LF && bytes[to] === CR && bytes[to + 1] === LF;
  }

  #take(byte: number): string | undefined {
    switch (this.#state) {
      case 'size':
        return this.#takeSize(byte);
      case 'extension':
        this.#lineBytes += 1;
        if (byte === CR) this.#state = 'size-lf';
        else if (isControl(byte)) return 'a control character in a chunk extension';
        return this.#lineBytes > extensionBytes ? 'a chunk extension over the limit' : undefined;
      case 'size-lf':
        return byte === LF ? this.#beginChunk() : 'a chunk size whose CR has no LF';
      case 'data-cr':
        this.#state = 'data-lf';
        return byte === CR ? undefined : 'a chunk longer than its size';
      case 'data-lf':
        this.#state = 'size';
        return byte === LF ? undefined : 'a chunk whose CR has no LF';
      default:
        return this.#takeTrailer(byte);
    }
  }

  #takeSize(byte: number): string | undefined {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#left = this.#left * 16 + digit;
      this.#digits += 1;
      return this.#digits > sizeDigits ? 'a chunk size over the limit' : undefined;
    }
    if (this.#digits === 0) return 'a chunk size that is none';
    this.#lineBytes = 0;
    if (byte === CR) this.#state = 'size-lf';
    else if (byte === SEMICOLON) this.#state = 'extension';
    else return 'a chunk size that is none';
    return undefined;
  }

  #beginChunk(): undefined {
    this.#digits = 0;
    this.#lineBytes = 0;
    this.#state = this.#left === 0 ? 'trailer-start' : 'data';
  }

  #takeTrailer(byte: number): string | undefined {
    this.#lineBytes += 1;
    if (this.#lineBytes > trailerBytes) return 'a trailer over the limit';
    switch (this.#state) {
      case 'trailer-start':
        this.#state = byte === CR ? 'end-lf' : 'trailer-name';
        return byte === CR || isToken(byte) ? undefined : 'a trailer line that is none';
      // Whoever takes the body for ended before would read a request here, and a request line has no name and colon.
      case 'trailer-name':
        if (byte === COLON) this.#state = 'trailer';
        return byte === COLON || isToken(byte) ? undefined : 'a trailer line that is none';
      case 'trailer':
        if (byte === CR) this.#state = 'trailer-lf';
        else if (isControl(byte)) return 'a control character in a trailer';
        return undefined;
      case 'trailer-lf':
        this.#state = 'trailer-start';
        return byte === LF ? undefined : 'a trailer whose CR has no LF';
      default:
        this.#state = 'over';
        return byte === LF ? undefined : 'a body whose last CR has no LF';
    }
  }
}

function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x09) || byte === 0x7f;
}

const tokens = Uint8Array.from({ length: 256 }, (_, byte) => (/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)) ? 1 : 0));

/** Whether a byte may stand in a field's name (RFC 9110 §5.6.2). */
function isToken(byte: number): boolean {
  return tokens[byte] === 1;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
