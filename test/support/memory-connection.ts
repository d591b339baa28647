import { Duplex } from 'node:stream';

/** The far end of a connection in memory: what the client of a simulation hears. */
export interface ConnectionPeer {
  readonly onBytes: (bytes: Uint8Array) => void;
  /** `end`: closed properly; `reset`: broken off on purpose; `closed`: gone otherwise. Heard once. */
  readonly onOver: (how: 'end' | 'reset' | 'closed') => void;
}

/** Small, so that a reader who stops is felt after a few events and not after a whole answer. */
const bufferBytes = 512;

/** The server's end of a connection without a port: the server takes any duplex stream that can be reset. */
export class MemoryConnection extends Duplex {
  readonly #peer: ConnectionPeer;
  #over = false;
  #reading = true;
  #held: (() => void) | undefined;

  constructor(peer: ConnectionPeer) {
    super({ writableHighWaterMark: bufferBytes });
    this.#peer = peer;
    // A reset is an error on the server's end, which a lost client is, and no fault of the simulation.
    this.on('error', () => {});
  }

  /** Bytes from the client. */
  receive(bytes: Uint8Array): void {
    if (!this.destroyed) this.push(bytes);
  }

  /** The client goes: by FIN, or by RST. */
  leave(how: 'fin' | 'rst'): void {
    if (this.destroyed) return;
    // What was sent to a client that has gone goes nowhere, and waits for nobody.
    if (!this.#over) this.setReading(true);
    if (how === 'fin') this.push(null);
    else this.destroy(Object.assign(new Error('reset by the client'), { code: 'ECONNRESET' }));
  }

  /** Whether the client takes what is sent; until it does, writes fill the buffer. */
  setReading(reading: boolean): void {
    this.#reading = reading;
    const held = this.#held;
    if (!reading || held === undefined) return;
    this.#held = undefined;
    held();
  }

  /** As `net.Socket` has it. */
  resetAndDestroy(): this {
    this.#end('reset');
    return this.destroy();
  }

  override _read(): void {}

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    this.#peer.onBytes(bytes);
    if (this.#reading) done();
    else this.#held = done;
  }

  override _final(done: () => void): void {
    this.#end('end');
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#end('closed');
    done(error);
  }

  #end(how: 'end' | 'reset' | 'closed'): void {
    if (this.#over) return;
    this.#over = true;
    this.#peer.onOver(how);
  }
}
