import type { Endpoint } from '../fleet/endpoint.ts';
import type { ResponseHeaders } from './response-headers.ts';
import type { UpstreamRequest } from './transport.ts';

/** An answer that is told at once: its status, headers and body. */
export interface WholeResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: string;
}

/** How what an endpoint answers is told in the published form. What is left out passes as it came. */
export interface AnswerTranslation {
  /** The headers of any answer under the names that the gateway knows. */
  readonly headers?: (headers: ResponseHeaders) => ResponseHeaders;
  /** The data of the events that one event of a stream becomes; undefined where it passes as it came. */
  readonly event?: (data: string, bytes: Uint8Array) => readonly string[] | undefined;
  /** What follows from a proper end of the stream. */
  readonly end?: () => readonly string[];
  /** A whole answer; undefined where it passes as it came. */
  readonly whole?: (body: string) => WholeResponse | undefined;
  /** An answer that is not a 200; undefined where it passes as it came. */
  readonly error?: (response: WholeResponse) => WholeResponse | undefined;
}

/** A request in an endpoint's own dialect, with how its answer is read; or what is answered without asking it. */
export type Exchange =
  | { readonly kind: 'send'; readonly endpoint: Endpoint; readonly request: UpstreamRequest; readonly translation: AnswerTranslation }
  | { readonly kind: 'refuse'; readonly response: WholeResponse };

/** For what a dialect has no word for: another endpoint may have one, so it is told as unsupported rather than wrong. */
export function unsupported(path: string, what: string): Exchange {
  const error = { type: 'invalid_request_error', code: 'not_supported', param: path, message: `\`${path}\` ${what}: it is not supported here.` };
  return { kind: 'refuse', response: { status: 400, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error }) } };
}

export function parseBody(body: Uint8Array | string | undefined): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

export function jsonResponse(body: string, headers: ResponseHeaders = {}): WholeResponse {
  return { status: 200, headers: { 'content-type': 'application/json', ...headers }, body };
}
