import type { Duplex } from 'node:stream';
import { dateHeaderLine, writeHead } from './write-head.ts';
import { copyOfBytes } from '../std/byte-slab.ts';
import { flushAtTurnEnd, type Flushable } from './turn.ts';
import type { Clock } from '../std/clock.ts';

/** A connection as servers get it: over TCP, TLS, or in memory. */
export interface ServerSocket extends Duplex {
  readonly resetAndDestroy: () => unknown;
}

export type ResponseHeaders = Readonly<Record<string, string>>;

/** What the connection decides for a response: its framing, and whether another request may follow. */
export interface ResponseFrame {
  readonly version: '1.0' | '1.1';
  readonly isHead: boolean;
  /** Asked when the head is made: by then it is known whether the request was read to its end. */
  readonly closes: () => boolean;
}

const closeLine = 'connection: close\r\n';
const chunkedLine = 'transfer-encoding: chunked\r\n';
const lastChunk = Buffer.from('0\r\n\r\n');

/**
 * A response on its way out. What is written in one turn of the event loop leaves in one piece: the head with the first
 * events, the last events with the end.
 */
export class ServerResponse implements Flushable {
  readonly #socket: ServerSocket;
  readonly #frame: ResponseFrame;
  readonly #clock: Clock;
  #whenOver: (() => void)[] = [];
  #whenDrained: (() => void) | undefined;
  #state: 'new' | 'begun' | 'ended' | 'over' = 'new';
  #closes = false;
  #chunked = false;
  /** What waits for the end of this turn. */
  #head = '';
  #part: Uint8Array | undefined;
  /** What was written behind the first part in the same turn. */
  #moreParts: Uint8Array[] | undefined;
  #partsBytes = 0;
  /** Whether the only part is a whole chunk already, with its size and its line's end. */
  #isFramed = false;
  #flushing = false;
  #full = false;

  constructor(socket: ServerSocket, frame: ResponseFrame, clock: Clock) {
    this.#socket = socket;
    this.#frame = frame;
    this.#clock = clock;
  }

  /** Whether the head was given, so that nothing else can be answered. */
  get isBegun(): boolean {
    return this.#state !== 'new';
  }

  /** Whether nothing more can be sent: it is complete, or its client has gone. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  get isComplete(): boolean {
    return this.#state === 'ended' || this.#state === 'over';
  }

  get closesConnection(): boolean {
    return this.#closes;
  }

  /** Sends a whole response. A response to HEAD keeps its headers and has no body. `lines`: more headers, by `headerLines`. */
  send(status: number, headers: ResponseHeaders, body: string | Uint8Array | undefined, lines = ''): void {
    if (this.#state !== 'new') return;
    this.#begin(status, headers, lines);
    if (body !== undefined && !this.#frame.isHead) this.#add(typeof body === 'string' ? Buffer.from(body) : body);
    this.end();
  }

  /** Begins a response that is written bit by bit; in chunks, unless its headers tell its length. */
  begin(status: number, headers: ResponseHeaders, lines = ''): void {
    if (this.#state !== 'new') return;
    this.#chunked = this.#frame.version === '1.1' && headers['content-length'] === undefined;
    this.#begin(status, headers, this.#chunked ? `${lines}${chunkedLine}` : lines);
    this.#flushSoon();
  }

  /** Returns false when the client reads too slowly; `onDrain` tells when it caught up. */
  write(bytes: Uint8Array): boolean {
    if (this.#state === 'begun' && bytes.length > 0) {
      this.#add(bytes);
      this.#flushSoon();
    }
    return !this.#full;
  }

  /** The same with some of bytes that are only lent: they are copied to where they are sent from. */
  writeLent(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#state === 'begun' && end > start) {
      if (this.#part !== undefined || this.#head !== '' || !this.#chunked) this.#add(copyOfBytes(bytes, start, end));
      else this.#addFramed(bytes, start, end);
      this.#flushSoon();
    }
    return !this.#full;
  }

  end(): void {
    if (this.#state !== 'begun') return;
    this.#state = 'ended';
    this.#flushSoon();
  }

  /** Breaks the connection by a reset, so that nobody can take what was sent for the whole response. */
  reset(): void {
    this.#flush();
    this.#socket.resetAndDestroy();
  }

  onDrain(run: () => void): void {
    this.#whenDrained = run;
  }

  /** Runs once: when the response is complete, or when its client has gone; at once if either was before. */
  onOver(run: () => void): void {
    if (this.#state === 'over') run();
    else this.#whenOver.push(run);
  }

  /** The connection takes bytes again. */
  drained(): void {
    if (!this.#full) return;
    this.#full = false;
    if (this.#state === 'ended') this.finish();
    else this.#whenDrained?.();
  }

  /** It is complete, or the connection is lost. */
  finish(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#part = undefined;
    this.#moreParts = undefined;
    // Whoever comes now is told at once, so nothing is added to the list that is gone through.
    for (const run of this.#whenOver) run();
    this.#whenOver = [];
  }

  /** Sends what waits; called at the end of the turn in which something was written. */
  flush(): void {
    this.#flushing = false;
    this.#flush();
    // With bytes of it still on their way out, its connection is busy until they have left.
    if (this.#state === 'ended' && !this.#full) this.finish();
  }

  #begin(status: number, headers: ResponseHeaders, lines: string): void {
    this.#state = 'begun';
    this.#closes = this.#frame.closes() || this.#frame.version === '1.0' || headers['connection'] === 'close';
    const close = this.#closes && headers['connection'] === undefined ? closeLine : '';
    this.#head = writeHead(status, headers, `${lines}${close}${dateHeaderLine(this.#clock.wallMs())}`);
  }

  /** What is alone in its turn, as most events are, is framed where it is copied to. */
  #addFramed(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    const digits = hexDigits(size);
    const framed = Buffer.allocUnsafe(digits + 2 + size + 2);
    const at = writeSizeLine(framed, 0, size, digits);
    framed.set(bytes.subarray(start, end), at);
    writeLineEnd(framed, at + size);
    this.#part = framed;
    this.#partsBytes = size;
    this.#isFramed = true;
  }

  /** Something joins it: they are to be one chunk. */
  #unframe(): void {
    if (!this.#isFramed) return;
    this.#isFramed = false;
    const start = hexDigits(this.#partsBytes) + 2;
    this.#part = this.#part?.subarray(start, start + this.#partsBytes);
  }

  #add(bytes: Uint8Array): void {
    this.#unframe();
    if (this.#part === undefined) this.#part = bytes;
    else (this.#moreParts ??= []).push(bytes);
    this.#partsBytes += bytes.length;
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    flushAtTurnEnd(this);
  }

  /** All that waits, as one chunk in one write. */
  #flush(): void {
    const isEnd = this.#state === 'ended' && this.#chunked;
    if (this.#state === 'over' || (this.#head === '' && this.#partsBytes === 0 && !isEnd)) return;
    if (isEnd) this.#unframe();
    const bytes = this.#isFramed && this.#part !== undefined ? this.#part : this.#framed(isEnd);
    this.#head = '';
    this.#part = undefined;
    this.#moreParts = undefined;
    this.#partsBytes = 0;
    this.#isFramed = false;
    if (!this.#socket.destroyed) this.#full = !this.#socket.write(bytes);
  }

  #framed(isEnd: boolean): Buffer {
    const isChunk = this.#chunked && this.#partsBytes > 0;
    const sizeDigits = isChunk ? hexDigits(this.#partsBytes) : 0;
    const frameBytes = isChunk ? sizeDigits + 4 : 0;
    const bytes = Buffer.allocUnsafe(this.#head.length + frameBytes + this.#partsBytes + (isEnd ? lastChunk.length : 0));
    if (this.#head !== '') bytes.write(this.#head, 0, 'latin1');
    let at = this.#head.length;
    if (isChunk) at = writeSizeLine(bytes, at, this.#partsBytes, sizeDigits);
    if (this.#part !== undefined) at = copyTo(bytes, at, this.#part);
    if (this.#moreParts !== undefined) for (const part of this.#moreParts) at = copyTo(bytes, at, part);
    if (isChunk) at = writeLineEnd(bytes, at);
    if (isEnd) bytes.set(lastChunk, at);
    return bytes;
  }
}

/** Returns where what follows begins. */
function copyTo(bytes: Buffer, at: number, part: Uint8Array): number {
  bytes.set(part, at);
  return at + part.length;
}

function hexDigits(size: number): number {
  return Math.floor((31 - Math.clz32(size)) / 4) + 1;
}

/** A chunk's size and its line's end (RFC 9112 §7.1), without a string in between. Returns where the data begins. */
function writeSizeLine(bytes: Buffer, start: number, size: number, digits: number): number {
  let rest = size;
  for (let at = start + digits - 1; at >= start; at--) {
    const digit = rest & 15;
    bytes[at] = digit < 10 ? 0x30 + digit : 0x57 + digit;
    rest >>>= 4;
  }
  return writeLineEnd(bytes, start + digits);
}

function writeLineEnd(bytes: Buffer, at: number): number {
  bytes[at] = 0x0d;
  bytes[at + 1] = 0x0a;
  return at + 2;
}
