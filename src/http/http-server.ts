import { createServer, type Server } from 'node:net';
import { ServerConnection, type ConnectionRules, type HttpRequest, type Refusal, type WholeResponse } from './server-connection.ts';
import type { Clock } from '../std/clock.ts';
import type { ServerResponse, ServerSocket } from './server-response.ts';

export interface HttpServerParts {
  readonly rules: ConnectionRules;
  readonly clock: Clock;
  readonly onRequest: (request: HttpRequest, response: ServerResponse, socket: ServerSocket) => void;
  /** What a client is told that sent no request one could answer. */
  readonly refusal: (refusal: Refusal) => WholeResponse;
}

/** How often connections that wait for too long are looked for. */
const sweepMs = 1000;
/** How often connections that have become idle meanwhile are closed while the server stops. */
const drainSweepMs = 100;

/** An HTTP/1.1 server over whatever connections it is given: those of its own listener, or of another's. */
export class HttpServer {
  /** Listens on TCP. Connections that come another way (TLS, memory) go to `accept`. */
  readonly listener: Server;
  readonly #parts: HttpServerParts;
  readonly #connections = new Set<ServerConnection>();
  #requests = 0;
  #draining = false;
  #cancelSweep: (() => void) | undefined;

  constructor(parts: HttpServerParts) {
    this.#parts = parts;
    this.listener = createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Requests begun since the server was built. */
  get requests(): number {
    return this.#requests;
  }

  accept(socket: ServerSocket): void {
    const connection = new ServerConnection(socket, {
      rules: this.#parts.rules,
      clock: this.#parts.clock,
      onRequest: (request, response) => {
        this.#requests += 1;
        this.#parts.onRequest(request, response, socket);
      },
      refusal: this.#parts.refusal,
      isDraining: () => this.#draining,
      onClosed: (closed) => void this.#connections.delete(closed),
    });
    this.#connections.add(connection);
    this.#cancelSweep ??= this.#parts.clock.after(sweepMs, () => this.#sweep());
  }

  /** Stops accepting, lets running requests end for so long, then breaks what is left. */
  stop(graceMs: number): Promise<void> {
    this.#draining = true;
    const { clock } = this.#parts;
    const graceEndsMs = clock.nowMs() + graceMs;
    return new Promise((resolve) => {
      const look = (): void => {
        const isOver = clock.nowMs() >= graceEndsMs;
        for (const connection of this.#connections) if (isOver || connection.isIdle) connection.destroy();
        if (this.#connections.size > 0) return void clock.after(Math.min(drainSweepMs, Math.max(0, graceEndsMs - clock.nowMs())), look);
        this.#cancelSweep?.();
        resolve();
      };
      if (this.listener.listening) this.listener.close();
      look();
    });
  }

  #sweep(): void {
    this.#cancelSweep = undefined;
    const nowMs = this.#parts.clock.nowMs();
    for (const connection of this.#connections) connection.sweep(nowMs);
    if (this.#connections.size > 0) this.#cancelSweep = this.#parts.clock.after(sweepMs, () => this.#sweep());
  }
}
