import { createServer, type Server, type ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { sleep, type Clock } from '../std/clock.ts';
import { resetSocket } from './break-connection.ts';
import { emulatedHeader } from './emulated-header.ts';

export type ListenAt = { readonly socketPath: string } | { readonly port: number };

const maxConnections = 1_024;
const reopenTries = 50;
const reopenPauseMs = 100;

/** A listener on this machine alone, which can be taken away and brought back at the same place. */
export class EmulatedListener {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  #at: ListenAt;
  #wanted = true;
  #moves: Promise<void> = Promise.resolve();

  constructor(at: ListenAt, profileId: string, clock: Clock, handle: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#at = at;
    this.#clock = clock;
    this.#server = createServer(handle);
    this.#server.maxConnections = maxConnections;
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('clientError', (_error, socket) => {
      if (socket.writable)
        socket.end(`HTTP/1.1 400 Bad Request\r\n${emulatedHeader}: ${profileId}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      else socket.destroy();
    });
  }

  /** Resolves with the port, or undefined on a Unix socket; rejects where the place is taken. */
  async open(): Promise<number | undefined> {
    await this.#listen();
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) return undefined;
    this.#at = { port: address.port };
    return address.port;
  }

  /** Resets every connection but the one that asked for it. */
  resetAll(except?: Socket | null): void {
    for (const socket of this.#sockets) if (socket !== except) resetSocket(socket);
  }

  /** Takes the listener away (connections are refused) or brings it back; moves run one after the other. */
  want(listening: boolean): void {
    if (this.#wanted === listening) return;
    this.#wanted = listening;
    this.#moves = this.#moves.then(() => this.#move());
  }

  /** Resolves when the latest move is done. */
  settled(): Promise<void> {
    return this.#moves;
  }

  async close(): Promise<void> {
    this.want(false);
    this.resetAll();
    await this.#moves;
  }

  async #move(): Promise<void> {
    if (!this.#wanted) {
      if (this.#server.listening) {
        const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
        this.resetAll();
        await closed;
      }
      return;
    }
    // Someone else may hold the place for a moment; an emulator that stays away looks like the outage it emulated.
    for (let tries = 0; tries < reopenTries && this.#wanted && !this.#server.listening; tries += 1) {
      await this.#listen().catch(() => sleep(this.#clock, reopenPauseMs));
    }
  }

  #listen(): Promise<void> {
    const at = this.#at;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      const done = (): void => {
        this.#server.off('error', reject);
        resolve();
      };
      if ('socketPath' in at) this.#server.listen(at.socketPath, done);
      else this.#server.listen(at.port, '127.0.0.1', done);
    });
  }
}
