import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

export type CutHow = 'fin' | 'rst';

/** What a cable that breaks does to one answer: so many events pass whole, and of the next at most its first bytes. */
interface ArmedCut {
  eventsLeft: number;
  readonly how: CutHow;
  readonly done: (atMs: number) => void;
}

interface ProxyState {
  armed: ArmedCut | undefined;
  eventsPassed: number;
  brokenAtMs: number;
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
    const state: ProxyState = { armed: undefined, eventsPassed: 0, brokenAtMs: 0 };
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

  /** How many events have passed since it was started. */
  get eventsPassed(): number {
    return this.#state.eventsPassed;
  }

  /** When a connection of the engine's ended last, whoever ended it. */
  get brokenAtMs(): number {
    return this.#state.brokenAtMs;
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
    const text = piece.toString('latin1');
    const passed = passEvents(tail, text, state);
    tail = (tail + text).slice(-(eventStart.length - 1));
    if (passed > 0) client.write(piece.subarray(0, passed));
    if (armed !== undefined && passed < piece.length) cut(armed);
  });
  client.on('end', () => upstream.end());
  upstream.on('end', () => client.end());
  // The end of one side is the end of the other, and in the same way.
  client.on('error', () => upstream.resetAndDestroy());
  upstream.on('error', () => client.resetAndDestroy());
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => {
    state.brokenAtMs = performance.now();
    client.destroySoon();
  });
}

/** Counts the events that begin in a piece, and says how many of its bytes may pass: none of the first event too many. */
function passEvents(tail: string, piece: string, state: ProxyState): number {
  const text = tail + piece;
  for (let at = text.indexOf(eventStart); at >= 0; at = text.indexOf(eventStart, at + 1)) {
    if (state.armed?.eventsLeft === 0) return Math.max(0, at + 1 - tail.length);
    if (state.armed !== undefined) state.armed.eventsLeft -= 1;
    state.eventsPassed += 1;
  }
  return piece.length;
}
