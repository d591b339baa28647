import { lookup } from 'node:dns';
import { Pool, type Dispatcher } from 'undici';
import { ConnectionOpener, type ConnectionLimits } from './connection-opener.ts';
import type { Clock } from '../std/clock.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Transport, UpstreamCall, UpstreamRequest, UpstreamSink } from './transport.ts';

export interface TransportLimits extends ConnectionLimits {
  readonly headerBytes: number;
  readonly connectionsPerEndpoint: number;
}

/** Below the idle timeout of common servers, so that a kept socket is rarely one the peer is closing (fault 6). */
const keepAliveMs = 4000;

/** What calls under way hear when their endpoint is unplugged on purpose. */
class UnpluggedError extends Error {
  readonly code = 'UNPLUGGED';
}

/** One pool of connections an endpoint. Redirects are never followed: they would carry the key along (fault 11). */
export class UndiciTransport implements Transport {
  readonly #limits: TransportLimits;
  readonly #opener: ConnectionOpener;
  readonly #pools = new Map<string, Pool>();
  /** Pools that only end what runs on them, by endpoint. */
  readonly #retired = new Map<string, Set<Pool>>();

  constructor(limits: TransportLimits, clock: Clock) {
    this.#limits = limits;
    this.#opener = new ConnectionOpener(limits, lookup, clock);
  }

  send(endpoint: Endpoint, request: UpstreamRequest, sink: UpstreamSink): UpstreamCall {
    const call = new Call(sink);
    if (request.onFreshConnection === true) this.#retire(endpoint.id);
    this.#pool(endpoint).dispatch(
      {
        method: request.method,
        path: `${endpoint.address.basePath}${request.path}`,
        headers: headersFor(endpoint, request),
        body: request.body ?? null,
        // The relay keeps its own clocks, which count content; these would count bytes.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      call,
    );
    return call;
  }

  /** Breaks every connection to an endpoint, as pulling its cable would; the next request opens new ones. */
  async cut(endpointId: string): Promise<void> {
    const pool = this.#pools.get(endpointId);
    this.#pools.delete(endpointId);
    const all = [...(pool === undefined ? [] : [pool]), ...(this.#retired.get(endpointId) ?? [])];
    await Promise.all(all.map((one) => one.destroy(new UnpluggedError())));
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values(), ...[...this.#retired.values()].flatMap((retired) => [...retired])];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  /** Leaves an endpoint's kept connections, of which one was found closing; what runs on them ends in its own time. */
  #retire(endpointId: string): void {
    const pool = this.#pools.get(endpointId);
    if (pool === undefined) return;
    this.#pools.delete(endpointId);
    const retired = this.#retired.get(endpointId) ?? new Set<Pool>();
    this.#retired.set(endpointId, retired.add(pool));
    const forget = (): void => void retired.delete(pool);
    pool.close().then(forget, forget);
  }

  #pool(endpoint: Endpoint): Pool {
    const known = this.#pools.get(endpoint.id);
    if (known !== undefined) return known;
    const { address } = endpoint;
    const pool = new Pool(address.kind === 'url' ? address.origin : 'http://localhost', {
      connections: this.#limits.connectionsPerEndpoint,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      maxHeaderSize: this.#limits.headerBytes,
      connect: (_options, connected) =>
        void this.#opener.open(endpoint).result.then((opened) => (opened.ok ? connected(null, opened.value) : connected(opened.failure, null))),
    });
    this.#pools.set(endpoint.id, pool);
    return pool;
  }
}

/** Built from nothing: no header of the client's goes upstream (S7). */
function headersFor(endpoint: Endpoint, request: UpstreamRequest): Record<string, string> {
  return {
    accept: 'application/json, text/event-stream',
    'accept-encoding': 'identity',
    'user-agent': 'second-source',
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(endpoint.key === undefined ? {} : { authorization: `Bearer ${endpoint.key}` }),
  };
}

class Call implements UpstreamCall, Dispatcher.DispatchHandler {
  readonly #sink: UpstreamSink;
  #controller: Dispatcher.DispatchController | undefined;
  #over = false;

  constructor(sink: UpstreamSink) {
    this.#sink = sink;
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.abort(new Error('abandoned'));
  }

  pause(): void {
    if (!this.#over) this.#controller?.pause();
  }

  resume(): void {
    if (!this.#over) this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Abandoned while it waited for a connection: then it is never sent.
    if (this.#over) controller.abort(new Error('abandoned'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (!this.#over) this.#sink.onHead(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#sink.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.onError(error);
  }
}
