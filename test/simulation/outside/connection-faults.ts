import type { EngineFault } from './engine-fault.ts';
import { data, error, jsonHead, properEnd, type WireAct } from './wire-act.ts';

const both = ['stream', 'whole'] as const;
const unreachable = { status: 503, code: 'upstream_unreachable', codeInStream: 'upstream_stream_error' } as const;
const broken = { status: 502, code: 'upstream_error', codeInStream: 'upstream_stream_error' } as const;
const unreadable = { ...broken, code: 'upstream_malformed' } as const;
const beforeHead = { modes: both, positions: ['S1'], before: 'fail over', after: 'honest' } as const;

/** Words that no client may ever read: a vendor's key, its host, a path and a stack. */
export const secretWords = ['sk-upstream-secret', 'vendor-internal', '10.9.8.7', '/srv/models', 'Traceback'] as const;
const vendorMessage = 'bad key sk-upstream-secret0001 at http://vendor-internal.cloud:8000 (10.9.8.7): Traceback /srv/models/x.py';

function connection(number: number, name: string, code: string, told: Pick<EngineFault, 'status' | 'code' | 'codeInStream'>): EngineFault {
  return { ...beforeHead, ...told, number, name, apply: () => [error(code)] };
}

const tls = { status: 502, code: 'upstream_tls_error', codeInStream: 'upstream_stream_error' } as const;

/** Fault catalogue A: before any response. */
export const connectionFaults: readonly EngineFault[] = [
  connection(1, 'the name does not resolve', 'ENOTFOUND', unreachable),
  connection(1, 'the resolver fails for now', 'EAI_AGAIN', unreachable),
  connection(2, 'connection refused', 'ECONNREFUSED', unreachable),
  connection(3, 'connecting takes too long', 'CONNECT_TIMEOUT', {
    status: 504,
    code: 'upstream_timeout',
    codeInStream: 'upstream_timeout',
  }),
  connection(4, 'reset right after accept', 'ECONNRESET', unreachable),
  connection(5, 'closed without a response', 'HTTP_CLOSED_EARLY', broken),
  connection(7, 'the certificate has expired', 'CERT_HAS_EXPIRED', tls),
  connection(7, 'the certificate names another host', 'ERR_TLS_CERT_ALTNAME_INVALID', tls),
  connection(7, 'the certificate is self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', tls),
  connection(8, 'the TLS handshake fails', 'EPROTO', tls),
  // Our own trouble: another endpoint would meet it too.
  {
    ...connection(10, 'no local sockets left', 'EMFILE', { status: 503, code: 'overloaded', codeInStream: 'upstream_stream_error' }),
    before: 'told',
  },
  connection(27, 'response headers over the limit', 'HTTP_RESPONSE_HEAD_TOO_LARGE', unreadable),
  connection(31, 'two content lengths', 'HTTP_RESPONSE_MALFORMED', unreadable),
  connection(41, 'not HTTP', 'HTTP_RESPONSE_MALFORMED', unreadable),
];

function answerOf(status: number, body: string, headers: Readonly<Record<string, string>> = {}): readonly WireAct[] {
  return [{ kind: 'head', part: 'head', status, headers: { 'content-type': 'application/json', ...headers } }, data('body', body), properEnd];
}

function errorJson(code: string | null, type = 'server_error'): string {
  return JSON.stringify({ error: { message: vendorMessage, type, param: null, code } });
}

interface StatusFault {
  readonly number: number;
  readonly upstream: number;
  readonly status: number;
  readonly code: string;
  readonly before?: EngineFault['before'];
  readonly name?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const statusFaults: readonly StatusFault[] = [
  { number: 11, upstream: 307, status: 502, code: 'upstream_redirect', headers: { location: 'http://vendor-internal.cloud/v1' }, body: '' },
  { number: 11, upstream: 308, status: 502, code: 'upstream_redirect', headers: { location: 'http://vendor-internal.cloud/v1' }, body: '' },
  { number: 12, upstream: 429, status: 429, code: 'rate_limit_exceeded', headers: { 'retry-after': '7' } },
  {
    number: 13,
    upstream: 429,
    status: 503,
    code: 'upstream_unreachable',
    name: 'the vendor account is empty',
    body: errorJson('insufficient_quota'),
  },
  { number: 13, upstream: 402, status: 503, code: 'upstream_unreachable' },
  { number: 14, upstream: 529, status: 503, code: 'overloaded', body: errorJson(null, 'overloaded_error') },
  { number: 15, upstream: 500, status: 502, code: 'upstream_error' },
  {
    number: 16,
    upstream: 502,
    status: 502,
    code: 'upstream_error',
    name: 'HTML',
    body: `<html><h1>vendor-internal</h1></html>`,
    headers: { 'content-type': 'text/html' },
  },
  { number: 17, upstream: 401, status: 502, code: 'upstream_auth' },
  { number: 17, upstream: 403, status: 502, code: 'upstream_auth' },
  { number: 18, upstream: 404, status: 404, code: 'model_not_found' },
  { number: 19, upstream: 400, status: 400, code: 'invalid_request', before: 'told', body: errorJson(null, 'invalid_request_error') },
  {
    number: 20,
    upstream: 400,
    status: 400,
    code: 'context_length_exceeded',
    before: 'told',
    name: 'the context is too long',
    body: errorJson('context_length_exceeded'),
  },
  {
    number: 21,
    upstream: 400,
    status: 400,
    code: 'content_policy_violation',
    before: 'told',
    name: 'the policy of the vendor',
    body: errorJson('content_policy_violation'),
  },
  { number: 22, upstream: 408, status: 503, code: 'upstream_unreachable' },
  { number: 22, upstream: 409, status: 503, code: 'upstream_unreachable' },
  { number: 22, upstream: 425, status: 503, code: 'upstream_unreachable' },
  { number: 23, upstream: 413, status: 413, code: 'request_too_large', before: 'told' },
  {
    number: 24,
    upstream: 422,
    status: 400,
    code: 'invalid_request',
    before: 'told',
    body: `{"detail":[{"loc":["body","x"],"msg":"${vendorMessage}","type":"int_parsing"}]}`,
  },
  {
    number: 24,
    upstream: 422,
    status: 400,
    code: 'invalid_request',
    name: 'a field that is unknown there',
    body: '{"detail":[{"loc":["body","x"],"msg":"Extra inputs are not permitted","type":"extra_forbidden"}]}',
  },
  { number: 25, upstream: 999, status: 502, code: 'upstream_error' },
  { number: 25, upstream: 204, status: 502, code: 'upstream_error', body: '' },
  {
    number: 74,
    upstream: 500,
    status: 502,
    code: 'upstream_error',
    name: 'a number that JSON cannot hold',
    body: errorJson('Out of range float values are not JSON compliant'),
  },
];

/** Fault catalogue B: a response that is no answer, and headers that are not for the client. */
export const responseFaults: readonly EngineFault[] = [
  ...statusFaults.map(({ number, upstream, status, code, before, name, body, headers }): EngineFault => ({
    ...beforeHead,
    before: before ?? 'fail over',
    number,
    name: `status ${upstream}${name === undefined ? '' : ` (${name})`}`,
    status,
    code,
    codeInStream: 'upstream_stream_error',
    apply: () => answerOf(upstream, body ?? errorJson(null), headers),
  })),
  {
    ...beforeHead,
    ...unreadable,
    modes: ['stream'],
    number: 25,
    name: 'a flood of interim responses',
    apply: (acts) => [
      ...Array.from({ length: 2000 }, () => ({ kind: 'head', part: 'head', status: 103, headers: {}, waitMs: 0.1 }) as const),
      ...acts,
    ],
  },
  {
    ...beforeHead,
    number: 26,
    name: 'a page of HTML with status 200',
    status: 502,
    code: 'upstream_malformed',
    codeInStream: 'upstream_stream_error',
    apply: () => answerOf(200, '<html>captive vendor-internal</html>', { 'content-type': 'text/html' }),
  },
  {
    ...beforeHead,
    ...broken,
    modes: ['stream'],
    before: 'harmless',
    number: 26,
    name: 'a JSON body for a stream',
    apply: (_acts, _at, { answer, whole }) => [jsonHead, data('body', whole, answer.last - answer.first + 1), properEnd],
  },
  {
    ...beforeHead,
    ...broken,
    before: 'harmless',
    number: 28,
    name: 'headers that are not for the client',
    unseen: 'vendor-internal',
    apply: (acts) =>
      acts.map((act) =>
        act.kind === 'head'
          ? {
              ...act,
              headers: {
                ...act.headers,
                'set-cookie': 'a=vendor-internal',
                'x-ratelimit-limit': 'vendor-internal',
                'access-control-allow-origin': 'vendor-internal',
              },
            }
          : act,
      ),
  },
  {
    ...beforeHead,
    ...broken,
    before: 'retry',
    number: 6,
    name: 'a kept connection that the peer was closing',
    apply: () => [error('HTTP_CLOSED_EARLY')],
  },
];
