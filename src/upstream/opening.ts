import { failure, success, type Result } from '../std/result.ts';
import type { Clock } from '../std/clock.ts';
import type { Socket } from 'node:net';

export interface OpenedSocket {
  readonly socket: Socket;
  /** Whether what it reads goes to the `onread` that was asked for, rather than to `data` events. */
  readonly readsByCallback: boolean;
}

/** Hears how it ended, never before whoever asked for the connection goes on. */
export type Opened = (opened: Result<OpenedSocket, Error>) => void;

/** Why a connection never stood, where the system has no code of its own for it. */
export class ConnectError extends Error {
  readonly code: 'CONNECT_TIMEOUT' | 'ADDRESS_NOT_ALLOWED' | 'HANDSHAKE_LOST';

  constructor(code: ConnectError['code'], what: string) {
    super(what);
    this.code = code;
  }
}

/** One connection on its way, over however many steps: it ends once, with a socket or an error, and leaves nothing open. */
export class Opening {
  /** Who is waited for now, for the message of a timeout. */
  waitsFor = 'the endpoint';
  readonly #sockets: Socket[] = [];
  readonly #cancel: () => void;
  readonly #done: Opened;
  #isOver = false;

  constructor(clock: Clock, timeoutMs: number, done: Opened) {
    this.#done = done;
    this.#cancel = clock.after(timeoutMs, () =>
      this.fail(new ConnectError('CONNECT_TIMEOUT', `${this.waitsFor} did not answer within ${timeoutMs} ms`)),
    );
  }

  /** Waits for a socket to be ready and goes on then; `explain` says more of an error than its own text. */
  once(socket: Socket, event: 'connect' | 'secureConnect', next: () => void, explain: (error: Error) => Error = (error) => error): void {
    this.#sockets.push(socket);
    // Stays for good: an error that nobody hears would end the process.
    socket.on('error', (error) => this.fail(explain(error)));
    socket.once(event, () => {
      if (!this.#isOver) next();
    });
  }

  /** Nobody wants it any more, and nobody hears of it. */
  giveUp(): void {
    if (this.#end()) this.#destroy();
  }

  fail(error: Error): void {
    if (!this.#end()) return;
    this.#destroy();
    this.#done(failure(error));
  }

  succeed(opened: OpenedSocket): void {
    if (this.#end()) this.#done(success(opened));
  }

  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#cancel();
    return true;
  }

  #destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
