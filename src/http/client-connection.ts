import type { OnReadOpts, Socket } from 'node:net';
import { ResponseReader, type ResponseSink } from './response-reader.ts';
import { HttpError } from './http-error.ts';
import { flushAtTurnEnd, readAtTurnEnd, type Flushable, type TurnReader } from './turn.ts';

/** All connections read into the same memory: what came is copied before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(65_536);

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
      const bytes = Buffer.allocUnsafe(count);
      readBuffer.copy(bytes, 0, 0, count);
      this.#onBytes(bytes);
      return true;
    },
  };
  readonly #headLimitBytes: number;
  readonly #events: ClientConnectionEvents;
  #socket: Socket | undefined;
  #reader: ResponseReader | undefined;
  #unsent: Uint8Array | undefined;
  /** What this turn brought of the response under way. */
  #unread: Buffer | undefined;
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

  #onBytes(bytes: Buffer): void {
    // Bytes that answer no request: whatever they are, the next request must not be answered by them (fault 34).
    if (this.#reader === undefined) return this.#close();
    if (this.#unread === undefined) readAtTurnEnd(this);
    // In one piece, so that the reader sees whether anything stands behind the response.
    this.#unread = this.#unread === undefined ? bytes : Buffer.concat([this.#unread, bytes]);
  }

  /** Reads what the turn brought. */
  read(): void {
    const bytes = this.#unread;
    const reader = this.#reader;
    this.#unread = undefined;
    if (bytes === undefined || reader === undefined) return;
    reader.push(bytes);
    if (!reader.isOver || this.#reader !== reader) return;
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

/** What a server's own `Keep-Alive: timeout=N` leaves, less a second for a close that is under way (fault 6). */
function keepAliveMs(hint: string | readonly string[] | undefined): number {
  if (typeof hint !== 'string') return Number.POSITIVE_INFINITY;
  const [, seconds] = /(?:^|[\s,])timeout=(\d{1,6})/i.exec(hint) ?? [];
  return seconds === undefined ? Number.POSITIVE_INFINITY : (Number(seconds) - 1) * 1000;
}
