import { failure, success } from '../std/result.ts';
import type { Result } from '../std/result.ts';

/**
 * A block of an event stream, up to and with its blank line. `raw` is what came, to be sent on as it is, save that
 * a blank line ended by CR alone is given its LF, so that splits cannot change it. `comment` stands for every block
 * that dispatches nothing: comments, and fields without any `data`.
 */
export type SseEvent = DispatchedEvent | { readonly kind: 'comment'; readonly raw: Uint8Array };

/** Where something stands in an event's bytes. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Views and text of it are made when they are asked for: most events of a stream need none of them. */
export class DispatchedEvent {
  readonly kind = 'event';
  /** `message` where the block names none. */
  readonly name: string;
  /** What the data stands in, at `dataStart` to `dataEnd`. */
  readonly bytes: Uint8Array;
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly #rawStart: number;
  readonly #rawEnd: number;
  readonly #raw: Uint8Array | undefined;

  constructor(name: string, bytes: Uint8Array, data: Span, raw: Span | Uint8Array) {
    this.name = name;
    this.bytes = bytes;
    this.dataStart = data.start;
    this.dataEnd = data.end;
    this.#raw = 'start' in raw ? undefined : raw;
    this.#rawStart = 'start' in raw ? raw.start : 0;
    this.#rawEnd = 'start' in raw ? raw.end : 0;
  }

  /** The data lines joined by LF, as bytes: for the JSON scanner, which judges their UTF-8. */
  get dataBytes(): Uint8Array {
    return this.bytes.subarray(this.dataStart, this.dataEnd);
  }

  /** The same as text. */
  get data(): string {
    return decoder.decode(this.dataBytes);
  }

  get raw(): Uint8Array {
    return this.#raw ?? this.bytes.subarray(this.#rawStart, this.#rawEnd);
  }
}

export type SseFailure = 'line-too-large' | 'event-too-large';

/** In bytes: a line without its end, an event with all its lines. */
export interface SseLimits {
  readonly lineBytes: number;
  readonly eventBytes: number;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];
const NOTHING = new Uint8Array(0);
const PENDING_BYTES = 512;
const DATA = new TextEncoder().encode('data');
const DATA_START = new TextEncoder().encode('data: ');
const EVENT = new TextEncoder().encode('event');

// Only the stream's own first mark is dropped; a later one is text, whatever the splits (fault 50).
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Decodes an event stream by the WHATWG rules (HTML standard, section 9.2.6) from byte chunks split anywhere.
 * Lines are found in bytes and only whole lines become text, so a split character needs no care. Events are views
 * of the chunks: whoever pushes a chunk must not write to it again. After a failure it only repeats that failure;
 * what was decoded in the failing push is not released.
 */
export class SseDecoder {
  readonly #limits: SseLimits;
  #failed: SseFailure | undefined;
  #started = false;
  /** The last byte seen was a CR that ended a line: an LF that follows belongs to it. */
  #afterCr = false;
  /** The bytes of the unfinished block, in a buffer that may be longer. */
  #buffer: Uint8Array = NOTHING;
  #pendingBytes = 0;
  /** Where the unfinished line starts in the block. */
  #lineStart = 0;
  #block = new Block();

  constructor(limits: SseLimits) {
    this.#limits = limits;
  }

  /** Whether a field, or a line that is no comment, waits for its end: such a stream was cut if it ends here. */
  get hasPartialEvent(): boolean {
    if (this.#block.hasField) return true;
    return this.#pendingBytes > this.#lineStart && this.#buffer[this.#lineStart] !== COLON;
  }

  /** Whether the next byte begins an event, whatever it is. */
  get isBetweenEvents(): boolean {
    return this.#started && this.#failed === undefined && this.#pendingBytes === 0 && !this.#afterCr && !this.#block.hasLine;
  }

  /** All events that these bytes finish. */
  push(chunk: Uint8Array): Result<readonly SseEvent[], SseFailure> {
    if (this.#failed !== undefined) return failure(this.#failed);
    const joined = this.#pendingBytes > 0;
    let at = this.#pendingBytes;
    const bytes = joined ? this.#append(chunk) : chunk;
    let blockStart = 0;
    if (!this.#started) {
      const mark = byteOrderMarkLength(bytes);
      if (mark === undefined) {
        if (!joined) this.#keep(bytes, 0, false);
        return success([]);
      }
      this.#started = true;
      // Bytes that waited for the mark's decision were not looked at.
      at = mark;
      blockStart = mark;
      this.#lineStart = 0;
    }
    if (joined || this.#afterCr || this.#block.hasLine) return this.#decode(bytes, blockStart, at, joined, []);
    const events: SseEvent[] = [];
    const rest = this.#plainEvents(bytes, at, events);
    return rest === bytes.length ? success(events) : this.#decode(bytes, rest, rest, false, events);
  }

  /** Takes the whole blocks of one `data` line at the start, which streams of answers are made of; returns where they end. */
  #plainEvents(bytes: Uint8Array, start: number, events: SseEvent[]): number {
    let at = start;
    for (let lineEnd = plainLineEnd(bytes, at); lineEnd > 0; lineEnd = plainLineEnd(bytes, at)) {
      if (lineEnd - at > this.#limits.lineBytes || lineEnd - at > this.#limits.eventBytes || hasCr(bytes, at, lineEnd)) break;
      events.push(plainEvent(bytes, at + plainStartBytes, lineEnd));
      at = lineEnd + plainEndBytes;
    }
    return at;
  }

  #decode(bytes: Uint8Array, start: number, from: number, joined: boolean, events: SseEvent[]): Result<readonly SseEvent[], SseFailure> {
    let blockStart = start;
    let lineStart = start + this.#lineStart;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte !== LF && byte !== CR) {
        this.#afterCr = false;
        continue;
      }
      if (byte === LF && this.#afterCr) {
        this.#afterCr = false;
        if (blockStart === at) blockStart = at + 1;
        lineStart = at + 1;
        continue;
      }
      const exceeded = this.#exceeded(blockStart, lineStart, at);
      if (exceeded !== undefined) return this.#fail(exceeded);
      const lineEnd = at;
      this.#afterCr = byte === CR;
      if (byte === CR && bytes[at + 1] === LF) {
        this.#afterCr = false;
        at += 1;
      }
      if (lineEnd > lineStart) {
        this.#block.addLine(bytes, blockStart, lineStart, lineEnd);
      } else {
        const event = this.#block.finish(bytes, blockStart, at + 1);
        if (event !== undefined) events.push(event);
        this.#block = new Block();
        blockStart = at + 1;
      }
      lineStart = at + 1;
    }
    const exceeded = this.#exceeded(blockStart, lineStart, bytes.length);
    if (exceeded !== undefined) return this.#fail(exceeded);
    this.#lineStart = lineStart - blockStart;
    this.#keep(bytes, blockStart, joined);
    return success(events);
  }

  /** Whichever limit is passed at the earlier byte, so that the answer is the same for every split. */
  #exceeded(blockStart: number, lineStart: number, end: number): SseFailure | undefined {
    const lineLimit = lineStart + this.#limits.lineBytes;
    const eventLimit = blockStart + this.#limits.eventBytes;
    if (end <= lineLimit && end <= eventLimit) return undefined;
    return lineLimit <= eventLimit ? 'line-too-large' : 'event-too-large';
  }

  #fail(reason: SseFailure): Result<never, SseFailure> {
    this.#failed = reason;
    this.#buffer = NOTHING;
    this.#pendingBytes = 0;
    return failure(reason);
  }

  #append(chunk: Uint8Array): Uint8Array {
    const needed = this.#pendingBytes + chunk.length;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.#buffer.subarray(0, this.#pendingBytes));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#pendingBytes);
    this.#pendingBytes = needed;
    return this.#buffer.subarray(0, needed);
  }

  /** Keeps the unfinished block. A buffer that events were cut from is theirs now and is not written to again. */
  #keep(bytes: Uint8Array, blockStart: number, joined: boolean): void {
    if (joined && blockStart === 0) return;
    const rest = bytes.subarray(blockStart);
    this.#pendingBytes = rest.length;
    this.#buffer = NOTHING;
    if (rest.length === 0) return;
    this.#buffer = new Uint8Array(Math.max(PENDING_BYTES, rest.length));
    this.#buffer.set(rest);
  }
}

/** The length of the mark at the start, or undefined while too few bytes came to tell. */
function byteOrderMarkLength(bytes: Uint8Array): number | undefined {
  for (const [index, expected] of BYTE_ORDER_MARK.entries()) {
    if (index >= bytes.length) return undefined;
    if (bytes[index] !== expected) return 0;
  }
  return BYTE_ORDER_MARK.length;
}

/** What the lines of one block have said so far. Offsets count from the block's start, as buffers move. */
class Block {
  hasField = false;
  hasLine = false;
  #name = '';
  readonly #dataSpans: number[] = [];

  addLine(bytes: Uint8Array, blockStart: number, lineStart: number, lineEnd: number): void {
    this.hasLine = true;
    let colon = lineStart;
    while (colon < lineEnd && bytes[colon] !== COLON) colon += 1;
    if (colon === lineStart) return;
    this.hasField = true;
    let valueStart = Math.min(colon + 1, lineEnd);
    if (valueStart < lineEnd && bytes[valueStart] === SPACE) valueStart += 1;
    if (isField(DATA, bytes, lineStart, colon)) {
      this.#dataSpans.push(valueStart - blockStart, lineEnd - blockStart);
    } else if (isField(EVENT, bytes, lineStart, colon)) {
      this.#name = decoder.decode(bytes.subarray(valueStart, lineEnd));
    }
  }

  /** The event at its blank line; undefined for blank lines with nothing between them. */
  finish(bytes: Uint8Array, blockStart: number, blockEnd: number): SseEvent | undefined {
    if (!this.hasLine) return undefined;
    const raw = endedByLf(bytes.subarray(blockStart, blockEnd));
    if (this.#dataSpans.length === 0) return { kind: 'comment', raw };
    const data = this.#joinData(raw);
    return new DispatchedEvent(this.#name === '' ? 'message' : this.#name, data, { start: 0, end: data.length }, raw);
  }

  #joinData(raw: Uint8Array): Uint8Array {
    const [start = 0, end = 0] = this.#dataSpans;
    if (this.#dataSpans.length === 2) return raw.subarray(start, end);
    const joined = new Uint8Array(raw.length);
    let length = 0;
    for (let index = 0; index < this.#dataSpans.length; index += 2) {
      if (index > 0) joined[length++] = LF;
      const line = raw.subarray(this.#dataSpans[index], this.#dataSpans[index + 1]);
      joined.set(line, length);
      length += line.length;
    }
    return joined.subarray(0, length);
  }
}

function isField(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== name.length) return false;
  for (let index = 0; index < name.length; index++) {
    if (bytes[start + index] !== name[index]) return false;
  }
  return true;
}

/** What stands before the data of an event of one `data` line, and behind it. */
export const plainStartBytes = DATA_START.length;
export const plainEndBytes = 2;

/** Where the one `data` line of an event that begins at `start` ends; 0 where it is not all there or is more than that. */
function plainLineEnd(bytes: Uint8Array, start: number): number {
  if (!isField(DATA_START, bytes, start, start + plainStartBytes)) return 0;
  const lineEnd = bytes.indexOf(LF, start + plainStartBytes);
  return lineEnd > 0 && bytes[lineEnd + 1] === LF ? lineEnd : 0;
}

/** The event of one `data` line whose data stands there. */
export function plainEvent(bytes: Uint8Array, start: number, end: number): DispatchedEvent {
  return new DispatchedEvent('message', bytes, { start, end }, { start: start - plainStartBytes, end: end + plainEndBytes });
}

function hasCr(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === CR) return true;
  return false;
}

function endedByLf(raw: Uint8Array): Uint8Array {
  if (raw.at(-1) === LF) return raw;
  const ended = new Uint8Array(raw.length + 1);
  ended.set(raw);
  ended[raw.length] = LF;
  return ended;
}
