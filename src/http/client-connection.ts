import type { OnReadOpts, Socket } from 'node:net';
import { ResponseReader, type ResponseSink } from './response-reader.ts';
import { HttpError } from './http-error.ts';
import { flushAtTurnEnd, readAtTurnEnd, type Flushable, type TurnReader } from './turn.ts';

/** All connections read into the same memory: what came is copied before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(65_536);
/**
 * What a turn brings all connections lies here until its end: most of it is passed on by then and needs no memory of its
 * own. Used from its beginning again once everything in it was read.
 */
const turnBuffer = Buffer.allocUnsafeSlow(262_144);
let turnUsed = 0;
let turnUnread = 0;

export interface ClientConnectionEvents {
  /** A response ended and the connection may carry another request, for so long at most by its server's own word. */
  readonly onIdle: (keepMs: number) => void;
  /** It can carry nothing any more. Told once. */
  readonly onClosed: () => void;
}

/** One connection to a server, carrying one request at a time. */
export class ClientConnection implements Flushable, TurnReader {
  /** For `net.connect` and `tls.connect`: reads go past the stream machinery, which costs more than the read. */
  readonly onread: OnReadOpts = {
    buffer: readBuffer,
    callback: (count) => {
      this.#onRead(count);
      return true;
    },
  };
  readonly #headLimitBytes: number;
  readonly #events: ClientConnectionEvents;
  #socket: Socket | undefined;
  #reader: ResponseReader | undefined;
  #unsent: Uint8Array | undefined;
  /** What this turn brought of the response under way, and where it stands in it. */
  #unread: Buffer | undefined;
  #unreadStart = 0;
  #unreadEnd = 0;
  /** Whether the other side is known to send no more: then a response that is complete leaves nothing to use again. */
  #hasEnded = false;
  #closed = false;

  constructor(headLimitBytes: number, events: ClientConnectionEvents) {
    this.#headLimitBytes = headLimitBytes;
    this.#events = events;
  }

  /** Takes a connected socket that was opened with `onread`, or any other. */
  attach(socket: Socket, readsByCallback: boolean): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    if (!readsByCallback) socket.on('data', (bytes: Buffer) => this.#onBytes(bytes));
    socket.on('end', () => this.#onEnd());
    socket.on('error', (error) => this.#lost(error));
    socket.on('close', () => this.#lost(new HttpError('HTTP_CLOSED_EARLY', 'the connection was closed')));
  }

  /** Sends a whole request. The connection must be idle. */
  send(request: Uint8Array, sink: ResponseSink): void {
    this.#reader = new ResponseReader(sink, this.#headLimitBytes);
    this.#unsent = request;
    flushAtTurnEnd(this);
  }

  flush(): void {
    const request = this.#unsent;
    this.#unsent = undefined;
    if (request !== undefined && !this.#closed) this.#socket?.write(request);
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** Breaks the connection; a response under way hears of `error`, or of nothing where none is given. */
  destroy(error?: Error): void {
    if (error === undefined) this.#reader?.drop();
    else this.#reader?.fail(error);
    this.#close();
  }

  /** Takes the first bytes of the memory that all read into. */
  #onRead(count: number): void {
    if (this.#reader === undefined || this.#unread !== undefined || turnUsed + count > turnBuffer.length) {
      return this.#onBytes(copyOf(readBuffer, 0, count));
    }
    readBuffer.copy(turnBuffer, turnUsed, 0, count);
    this.#unread = turnBuffer;
    this.#unreadStart = turnUsed;
    turnUsed += count;
    this.#unreadEnd = turnUsed;
    turnUnread += 1;
    readAtTurnEnd(this);
  }

  #onBytes(bytes: Buffer): void {
    // Bytes that answer no request: whatever they are, the next request must not be answered by them (fault 34).
    if (this.#reader === undefined) return this.#close();
    const before = this.#unread;
    if (before === undefined) readAtTurnEnd(this);
    // In one piece, so that the reader sees whether anything stands behind the response.
    const all = before === undefined ? bytes : Buffer.concat([before.subarray(this.#unreadStart, this.#unreadEnd), bytes]);
    if (before === turnBuffer) leaveTurnBuffer();
    this.#unread = all;
    this.#unreadStart = 0;
    this.#unreadEnd = all.length;
  }

  /** Reads what the turn brought. */
  read(): void {
    const bytes = this.#unread;
    const reader = this.#reader;
    this.#unread = undefined;
    if (bytes === undefined) return;
    const end = this.#unreadEnd;
    const at = reader === undefined ? end : reader.pushLent(bytes, this.#unreadStart, end);
    if (at < end) reader?.push(bytes === turnBuffer ? copyOf(bytes, at, end) : bytes.subarray(at, end));
    if (bytes === turnBuffer) leaveTurnBuffer();
    if (reader === undefined || !reader.isOver || this.#reader !== reader) return;
    this.#reader = undefined;
    const keepMs = reader.isReusable && !this.#hasEnded ? keepAliveMs(reader.fields?.['keep-alive']) : 0;
    if (keepMs <= 0 || this.#closed) return this.#close();
    this.#socket?.resume();
    this.#events.onIdle(keepMs);
  }

  #onEnd(): void {
    this.#hasEnded = true;
    this.read();
    this.#reader?.end();
    this.#reader = undefined;
    this.#close();
  }

  #lost(error: Error): void {
    this.#hasEnded = true;
    this.read();
    this.#reader?.fail(error);
    this.#reader = undefined;
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket?.destroy();
    this.#events.onClosed();
  }
}

function leaveTurnBuffer(): void {
  turnUnread -= 1;
  if (turnUnread === 0) turnUsed = 0;
}

function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}

/** What a server's own `Keep-Alive: timeout=N` leaves, less a second for a close that is under way (fault 6). */
function keepAliveMs(hint: string | readonly string[] | undefined): number {
  if (typeof hint !== 'string') return Number.POSITIVE_INFINITY;
  const [, seconds] = /(?:^|[\s,])timeout=(\d{1,6})/i.exec(hint) ?? [];
  return seconds === undefined ? Number.POSITIVE_INFINITY : (Number(seconds) - 1) * 1000;
}
