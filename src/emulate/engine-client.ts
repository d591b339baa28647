import type { IncomingMessage } from 'node:http';
import { Pool, type Dispatcher } from 'undici';
import type { EndpointAddress } from '../fleet/endpoint.ts';

/** An answer's body or a request's may be this large: both are held in memory once. */
export const maxBodyBytes = 16 * 1_024 * 1_024;

/** An engine that computes for so long without a byte is taken for lost. */
const silenceMs = 600_000;

/** Fields of one connection (RFC 9110, section 7.6.1), and those that describe it: not for the next one. */
const perConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
]);
/** What a client says of its own connection or of encodings that the pacing could not look into. */
const requestOnly = new Set(['host', 'expect', 'content-length', 'accept-encoding']);

export type HeaderFields = Record<string, string | string[]>;

export interface EngineRequest {
  readonly method: 'GET' | 'POST';
  /** As the client asked for it: `/v1/…` or a path at the root. */
  readonly path: string;
  readonly headers: Readonly<NodeJS.Dict<string | string[]>>;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

/** The wrapped engine, reached over a bounded pool of connections. */
export class EngineClient {
  readonly #pool: Pool;
  readonly #basePath: string;

  constructor(address: EndpointAddress, connections: number) {
    const origin = address.kind === 'url' ? address.origin : 'http://localhost';
    const connect = address.kind === 'socket' ? { socketPath: address.socketPath } : {};
    this.#pool = new Pool(origin, { connect, connections, pipelining: 1, headersTimeout: silenceMs, bodyTimeout: silenceMs });
    this.#basePath = address.basePath;
  }

  /** Rejects where the engine cannot be reached, or when the request's signal is aborted. */
  send(request: EngineRequest): Promise<Dispatcher.ResponseData> {
    const path = request.path.startsWith('/v1/') ? this.#basePath + request.path.slice('/v1'.length) : request.path;
    return this.#pool.request({
      method: request.method,
      path,
      headers: fieldsWithout(request.headers, requestOnly),
      body: request.body ?? null,
      signal: request.signal,
    });
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** The fields of an engine's answer that go on to the client. */
export function responseFields(headers: Readonly<NodeJS.Dict<string | string[]>>): HeaderFields {
  return fieldsWithout(headers, new Set());
}

function fieldsWithout(headers: Readonly<NodeJS.Dict<string | string[]>>, dropped: ReadonlySet<string>): HeaderFields {
  const kept: HeaderFields = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !perConnection.has(name) && !dropped.has(name)) kept[name] = value;
  }
  return kept;
}

/** The whole body, or `too-large`; rejects where the sender breaks off. */
export async function collectBody(body: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Buffer | 'too-large'> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limitBytes) return 'too-large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** As `collectBody`, but a request that is too large keeps its connection, over which the answer must go. */
export function collectRequest(request: IncomingMessage, limitBytes: number): Promise<Buffer | 'too-large'> {
  return collectBody(request.iterator({ destroyOnReturn: false }), limitBytes);
}
