import { lookup } from 'node:dns';
import { ConnectionPool, type ConnectionSeeker } from './connection-pool.ts';
import { NameLookup } from './name-lookup.ts';
import { openSocketBy, type OpenRules, type OpenSocket } from './open-socket.ts';
import type { ClientConnection } from '../http/client-connection.ts';
import type { Clock } from '../std/clock.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Fields } from '../http/field-lines.ts';
import type { ResponseSink } from '../http/response-reader.ts';
import type { Transport, UpstreamCall, UpstreamRequest, UpstreamSink } from './transport.ts';

export interface TransportLimits extends OpenRules {
  readonly headerBytes: number;
  readonly connectionsPerEndpoint: number;
}

/** What calls under way hear when their endpoint is unplugged on purpose. */
class UnpluggedError extends Error {
  readonly code = 'UNPLUGGED';
}

/** HTTP/1.1 over kept connections, a pool an endpoint. Redirects are never followed: they would carry the key along (fault 11). */
export class HttpTransport implements Transport {
  readonly #limits: TransportLimits;
  readonly #open: OpenSocket;
  readonly #clock: Clock;
  readonly #pools = new Map<string, ConnectionPool>();
  /** Of endpoints as they were before they changed, for as long as something runs there. */
  #left: readonly { readonly endpointId: string; readonly pool: ConnectionPool }[] = [];

  constructor(limits: TransportLimits, clock: Clock) {
    this.#limits = limits;
    this.#open = openSocketBy(limits, new NameLookup(lookup, clock), clock);
    this.#clock = clock;
  }

  send(endpoint: Endpoint, request: UpstreamRequest, sink: UpstreamSink): UpstreamCall {
    const pool = this.#pool(endpoint);
    if (request.onFreshConnection === true) pool.dropKept();
    const call = new Call(sink, pool.writer.write(endpoint, request));
    call.begin(pool);
    return call;
  }

  /** Breaks every connection to an endpoint, as pulling its cable would; the next request opens new ones. */
  cut(endpointId: string): void {
    const pool = this.#pools.get(endpointId);
    this.#pools.delete(endpointId);
    const error = new UnpluggedError('the endpoint was unplugged');
    pool?.destroy(error);
    for (const one of this.#left) if (one.endpointId === endpointId) one.pool.destroy(error);
  }

  /** Leaves the connections to an endpoint that changed: what runs goes on there, and the next request opens others (fault 97). */
  leave(endpointId: string): void {
    const pool = this.#pools.get(endpointId);
    if (pool === undefined) return;
    this.#pools.delete(endpointId);
    pool.retire();
    this.#left = [...this.#left.filter((one) => !one.pool.isEmpty), { endpointId, pool }];
  }

  close(): void {
    for (const pool of [...this.#pools.values(), ...this.#left.map((one) => one.pool)]) pool.destroy();
    this.#pools.clear();
    this.#left = [];
  }

  #pool(endpoint: Endpoint): ConnectionPool {
    const known = this.#pools.get(endpoint.id);
    if (known !== undefined) return known;
    const pool = new ConnectionPool(endpoint, this.#limits, this.#open, this.#clock);
    this.#pools.set(endpoint.id, pool);
    return pool;
  }
}

const nothing = new Uint8Array(0);

/** One request on its way, from the search for a connection to the end of its response. */
class Call implements UpstreamCall, ConnectionSeeker, ResponseSink {
  readonly #sink: UpstreamSink;
  /** Until it was handed over: a long answer must not hold its request. */
  #unsent: Uint8Array;
  #connection: ClientConnection | undefined;
  #giveUp: () => void = () => {};
  #over = false;
  #paused = false;

  constructor(sink: UpstreamSink, bytes: Uint8Array) {
    this.#sink = sink;
    this.#unsent = bytes;
  }

  begin(pool: ConnectionPool): void {
    this.#giveUp = pool.seek(this);
  }

  onConnection(connection: ClientConnection): void {
    this.#connection = connection;
    connection.send(this.#unsent, this);
    this.#unsent = nothing;
    if (this.#paused) connection.pause();
  }

  onHead(status: number, fields: Fields): void {
    this.#sink.onHead(status, fields);
  }

  onData(bytes: Uint8Array): void {
    this.#sink.onData(bytes);
  }

  takeLent(bytes: Uint8Array, start: number, end: number): number {
    return this.#sink.takeLent?.(bytes, start, end) ?? start;
  }

  onEnd(): void {
    this.#over = true;
    this.#sink.onEnd();
  }

  onError(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.onError(error);
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#giveUp();
    this.#connection?.destroy();
  }

  pause(): void {
    this.#paused = true;
    if (!this.#over) this.#connection?.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#over) this.#connection?.resume();
  }
}
