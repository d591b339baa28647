import { ClientConnection } from '../http/client-connection.ts';
import { RequestWriter } from './request-writer.ts';
import type { Clock } from '../std/clock.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { OpenSocket } from './open-socket.ts';

export interface PoolRules {
  readonly headerBytes: number;
  readonly connectionsPerEndpoint: number;
}

/** Below the idle timeout of common servers, so that a kept connection is rarely one the peer is closing (fault 6). */
const keepMs = 4000;

/** Who wants a connection: it gets one that is ready to send on, or hears why there is none. */
export interface ConnectionSeeker {
  readonly onConnection: (connection: ClientConnection) => void;
  readonly onError: (error: Error) => void;
}

/** A seeker in line for a connection; how to give up changes when its turn comes. */
interface Waiting {
  readonly seeker: ConnectionSeeker;
  giveUp: () => void;
}

/** A connection with how long it may be kept, where it is kept: one for each, as long as it lives. */
interface Kept {
  readonly connection: ClientConnection;
  untilMs: number;
}

/** Who has a connection at once has nothing to give up. */
const nothingToGiveUp = (): void => {};

/** The connections to one endpoint: kept ones are used again, newest first; beyond the limit, seekers wait in line. */
export class ConnectionPool {
  readonly writer = new RequestWriter();
  readonly #endpoint: Endpoint;
  readonly #rules: PoolRules;
  readonly #open: OpenSocket;
  readonly #clock: Clock;
  readonly #all = new Set<ClientConnection>();
  readonly #opening = new Map<ClientConnection, () => void>();
  #kept: Kept[] = [];
  readonly #waiting = new Set<Waiting>();
  #isRetired = false;
  #cancelSweep: (() => void) | undefined;

  constructor(endpoint: Endpoint, rules: PoolRules, open: OpenSocket, clock: Clock) {
    this.#endpoint = endpoint;
    this.#rules = rules;
    this.#open = open;
    this.#clock = clock;
  }

  /** Finds a connection, at once where one is kept. The returned function gives the search up. */
  seek(seeker: ConnectionSeeker): () => void {
    const kept = this.#takeKept();
    if (kept !== undefined) {
      seeker.onConnection(kept);
      return nothingToGiveUp;
    }
    if (this.#all.size >= this.#rules.connectionsPerEndpoint) {
      const waiting: Waiting = { seeker, giveUp: () => void this.#waiting.delete(waiting) };
      this.#waiting.add(waiting);
      return () => waiting.giveUp();
    }
    return this.#connect(seeker);
  }

  /** Leaves kept connections, of which one was found closing. */
  dropKept(): void {
    for (const { connection } of this.#kept.splice(0)) connection.destroy();
  }

  /** Keeps no connection any more: what runs on one goes on to its end, which is that of the connection too. */
  retire(): void {
    this.#isRetired = true;
    this.dropKept();
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Breaks every connection; what runs on them hears of `error`, or of nothing where none is given. */
  destroy(error?: Error): void {
    this.#cancelSweep?.();
    this.#kept = [];
    for (const cancel of this.#opening.values()) cancel();
    this.#opening.clear();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const connection of this.#all) connection.destroy(error);
    if (error !== undefined) for (const { seeker } of waiting) seeker.onError(error);
  }

  #takeKept(): ClientConnection | undefined {
    const nowMs = this.#clock.nowMs();
    for (let last = this.#kept.pop(); last !== undefined; last = this.#kept.pop()) {
      if (last.untilMs > nowMs) return last.connection;
      last.connection.destroy();
    }
    return undefined;
  }

  #connect(seeker: ConnectionSeeker): () => void {
    const connection: ClientConnection = new ClientConnection(this.#rules.headerBytes, {
      onIdle: (hintMs) => this.#keep(kept, Math.min(hintMs, keepMs)),
      onClosed: () => this.#forget(connection),
    });
    const kept: Kept = { connection, untilMs: 0 };
    this.#all.add(connection);
    const abort = this.#open(this.#endpoint, connection.onread, (opened) => {
      this.#opening.delete(connection);
      if (!opened.ok) {
        this.#forget(connection);
        return seeker.onError(opened.failure);
      }
      connection.attach(opened.value.socket, opened.value.readsByCallback);
      seeker.onConnection(connection);
    });
    const cancel = (): void => {
      if (!this.#opening.delete(connection)) return;
      abort();
      this.#forget(connection);
    };
    this.#opening.set(connection, cancel);
    return cancel;
  }

  #keep(kept: Kept, forMs: number): void {
    if (this.#waiting.size > 0) {
      const [next] = this.#waiting;
      if (next !== undefined) return this.#serve(next, kept.connection);
    }
    if (this.#isRetired) return kept.connection.destroy();
    kept.untilMs = this.#clock.nowMs() + forMs;
    this.#kept.push(kept);
    this.#cancelSweep ??= this.#clock.after(keepMs, () => this.#sweep());
  }

  #serve(waiting: Waiting, connection: ClientConnection): void {
    this.#waiting.delete(waiting);
    waiting.giveUp = nothingToGiveUp;
    waiting.seeker.onConnection(connection);
  }

  /** Closes what nobody took while it was fresh, so that an idle gateway holds no connections. */
  #sweep(): void {
    this.#cancelSweep = undefined;
    const nowMs = this.#clock.nowMs();
    const late = this.#kept.filter(({ untilMs }) => untilMs <= nowMs);
    this.#kept = this.#kept.filter(({ untilMs }) => untilMs > nowMs);
    for (const { connection } of late) connection.destroy();
    if (this.#kept.length > 0) this.#cancelSweep ??= this.#clock.after(keepMs, () => this.#sweep());
  }

  #forget(connection: ClientConnection): void {
    if (!this.#all.delete(connection)) return;
    const index = this.#kept.findIndex((kept) => kept.connection === connection);
    if (index >= 0) this.#kept.splice(index, 1);
    const [next] = this.#waiting;
    if (next === undefined || this.#all.size >= this.#rules.connectionsPerEndpoint) return;
    this.#waiting.delete(next);
    next.giveUp = this.#connect(next.seeker);
  }
}
