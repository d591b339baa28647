import { failure, success, type Result } from '../std/result.ts';
import type { Clock } from '../std/clock.ts';
import type { Socket } from 'node:net';

export interface OpeningConnection {
  /** The socket once it may carry a request. Whoever gets it listens for `error` before anything else runs. */
  readonly result: Promise<Result<Socket, Error>>;
  /** Ends it where nobody wants it any more; once the socket stands this does nothing. */
  readonly abort: () => void;
}

/** Why a connection never stood, where the system has no code of its own for it. */
export class ConnectError extends Error {
  readonly code: 'CONNECT_TIMEOUT' | 'ADDRESS_NOT_ALLOWED' | 'HANDSHAKE_LOST' | 'ABORT_ERR';

  constructor(code: ConnectError['code'], what: string) {
    super(what);
    this.code = code;
  }
}

/** One connection on its way, over however many steps: it ends once, with a socket or an error, and leaves nothing open. */
export class Opening implements OpeningConnection {
  readonly result: Promise<Result<Socket, Error>>;
  /** Who is waited for now, for the message of a timeout. */
  waitsFor = 'the endpoint';
  readonly #sockets: Socket[] = [];
  readonly #cancel: () => void;
  #resolve: (result: Result<Socket, Error>) => void = () => {};
  #isOver = false;

  constructor(clock: Clock, timeoutMs: number) {
    this.result = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#cancel = clock.after(timeoutMs, () =>
      this.fail(new ConnectError('CONNECT_TIMEOUT', `${this.waitsFor} did not answer within ${timeoutMs} ms`)),
    );
  }

  /** Waits for a socket to be ready and goes on then; `explain` says more of an error than its own text. */
  once(socket: Socket, event: 'connect' | 'secureConnect', next: () => void, explain: (error: Error) => Error = (error) => error): void {
    this.#sockets.push(socket);
    // Errors after the end of this step are the next one's to tell, and must not go unheard meanwhile.
    socket.on('error', (error) => this.fail(explain(error)));
    socket.once(event, () => {
      if (!this.#isOver) next();
    });
  }

  abort(): void {
    this.fail(new ConnectError('ABORT_ERR', 'nobody wants the connection any more'));
  }

  fail(error: Error): void {
    if (!this.#end(failure(error))) return;
    for (const socket of this.#sockets) socket.destroy();
  }

  succeed(socket: Socket): void {
    this.#end(success(socket));
  }

  #end(result: Result<Socket, Error>): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#cancel();
    this.#resolve(result);
    return true;
  }
}
