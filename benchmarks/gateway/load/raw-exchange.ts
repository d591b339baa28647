import { connect, type Socket } from 'node:net';

/** What a client hears of one answer, cheap enough for many thousands of answers a second. */
export interface Listener {
  /** Some of the answer's bytes, head included, as Latin-1. */
  readonly heard: (text: string) => void;
  readonly ended: () => void;
  readonly failed: (why: string) => void;
}

/** All sockets read into one buffer: what was read is taken out before another socket is read. */
const shared = Buffer.allocUnsafe(64 * 1024);

/** One keep-alive connection. It sends prebuilt bytes and parses just enough to know where an answer ends. */
export class RawExchange {
  readonly #socket: Socket;
  /** Resolves once the connection is open, or has failed. */
  readonly connected: Promise<void>;
  #listener: Listener | undefined;
  #head = '';
  /** Bytes of the body still to come; negative for a chunked body. */
  #left = 0;
  #inBody = false;
  #tail = '';

  constructor(port: number) {
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (count: number) => {
          this.#read(shared.toString('latin1', 0, count));
          return true;
        },
      },
    });
    this.connected = new Promise((resolve) => this.#socket.once('connect', resolve).once('close', () => resolve()));
    this.#socket.on('error', (error) => this.#fail(error.message));
    this.#socket.on('close', () => this.#fail('the connection was closed within an answer'));
  }

  get free(): boolean {
    return this.#listener === undefined;
  }

  send(request: Buffer, listener: Listener): void {
    this.#listener = listener;
    this.#head = '';
    this.#tail = '';
    this.#inBody = false;
    this.#socket.write(request);
  }

  close(): void {
    this.#listener = undefined;
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#listener?.heard(text);
    if (this.#inBody) this.#readBody(text);
    else this.#readHead(text);
  }

  #readHead(text: string): void {
    this.#head += text;
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#head.slice(0, end);
    const body = this.#head.slice(end + 4);
    if (!head.startsWith('HTTP/1.1 200')) return this.#fail(`answered ${head.slice(0, 40)} ${body.slice(0, 200)}`);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined && !/\r\ntransfer-encoding: *chunked/i.test(head)) return this.#fail('an answer without length');
    this.#left = length === undefined ? -1 : Number(length);
    this.#inBody = true;
    this.#readBody(body);
  }

  #readBody(text: string): void {
    if (this.#left >= 0) {
      this.#left -= text.length;
      if (this.#left < 0) this.#fail('more than the answer’s length');
      else if (this.#left === 0) this.#end();
      return;
    }
    // No answer of the mock has this within its text, so the framing need not be followed chunk by chunk.
    this.#tail = text.length >= 7 ? text.slice(-7) : (this.#tail + text).slice(-7);
    if (this.#tail === '\r\n0\r\n\r\n') this.#end();
  }

  #end(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.ended();
  }

  #fail(why: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#socket.destroy();
    listener?.failed(why);
  }
}
