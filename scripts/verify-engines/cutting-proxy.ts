import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

export type CutHow = 'fin' | 'rst';

/** What a cable that breaks does to one answer: so many events pass whole, and nothing after them. */
interface ArmedCut {
  eventsLeft: number;
  readonly how: CutHow;
  readonly done: (atMs: number) => void;
}

interface ProxyState {
  armed: ArmedCut | undefined;
}

const eventStart = '\ndata: ';

/**
 * Stands before a real engine and passes bytes on as they are, until it is told to break the connection of the next
 * answer at an exact event: as precise as an emulator, with the engine's own bytes. The times that it tells are
 * those of `performance.now()`.
 */
export class CuttingProxy {
  readonly origin: string;
  /** Closes the listener and all connections. */
  readonly stop: () => Promise<void>;
  readonly #state: ProxyState;

  private constructor(port: number, state: ProxyState, stop: () => Promise<void>) {
    this.origin = `http://127.0.0.1:${port}`;
    this.stop = stop;
    this.#state = state;
  }

  static async start(targetPort: number): Promise<CuttingProxy> {
    const sockets = new Set<Socket>();
    const state: ProxyState = { armed: undefined };
    const server = createServer((client) => {
      const upstream = connect(targetPort, '127.0.0.1');
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      }
      join(client, upstream, state);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    return new CuttingProxy(address.port, state, async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    });
  }

  /** Breaks the next answer after so many events; 0 breaks it before its head. Tells when it was broken. */
  cutAfter(events: number, how: CutHow): Promise<number> {
    return new Promise((done) => (this.#state.armed = { eventsLeft: events, how, done }));
  }

  /** Takes back a cut that did not come to pass, because the answer was shorter. */
  disarm(): void {
    this.#state.armed = undefined;
  }
}

function join(client: Socket, upstream: Socket, state: ProxyState): void {
  const cut = (armed: ArmedCut): void => {
    state.armed = undefined;
    upstream.destroy();
    if (armed.how === 'rst') client.resetAndDestroy();
    else client.destroySoon();
    armed.done(performance.now());
  };
  client.on('data', (piece) => {
    if (state.armed?.eventsLeft === 0) return cut(state.armed);
    upstream.write(piece);
  });
  let tail = '';
  upstream.on('data', (piece) => {
    const { armed } = state;
    const passed = armed === undefined ? piece.length : wholeEvents(tail, piece.toString('latin1'), armed);
    tail = piece.toString('latin1').slice(-(eventStart.length - 1));
    if (passed > 0) client.write(piece.subarray(0, passed));
    if (armed !== undefined && passed < piece.length) cut(armed);
  });
  client.on('end', () => upstream.end());
  upstream.on('end', () => client.end());
  // The end of one side is the end of the other, and in the same way.
  client.on('error', () => upstream.resetAndDestroy());
  upstream.on('error', () => client.resetAndDestroy());
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroySoon());
}

/** How many bytes of a piece may pass: up to the beginning of the first event too many. Events count when they begin. */
function wholeEvents(tail: string, piece: string, armed: ArmedCut): number {
  const text = tail + piece;
  let at = text.indexOf(eventStart);
  while (at >= 0) {
    if (armed.eventsLeft === 0) return Math.max(0, at + 1 - tail.length);
    armed.eventsLeft -= 1;
    at = text.indexOf(eventStart, at + 1);
  }
  return piece.length;
}
