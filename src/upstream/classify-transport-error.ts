import { noEffect, oneFailure, unusable } from '../fleet/health-effect.ts';
import { scrubMessage } from '../protocol/scrub-message.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';

/** Names that do not resolve, ports that nobody listens on, networks without a way there: no byte was sent. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'ENODATA',
  'ESERVFAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'ENOENT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EACCES',
  'EPERM',
  'ADDRESS_NOT_ALLOWED',
]);
const connectTimeouts = new Set(['CONNECT_TIMEOUT', 'ERR_TLS_HANDSHAKE_TIMEOUT']);
const readTimeouts = new Set(['ETIMEDOUT']);
const localExhaustion = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/** Verification can never be turned off, so no attempt succeeds until somebody renews or configures something. */
const badCertificate =
  /^(CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|ERR_TLS_CERT|ERR_INVALID_CERT)/;
/** The endpoint's word on this gateway's own certificate (RFC 8446 section 6.2), which stays as long as that does. */
const refusedCertificate = /ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|ACCESS_DENIED)/;
const brokenHandshake = /^(EPROTO|HANDSHAKE_LOST|ERR_SSL|ERR_TLS)/;
const notTheDialect = /^HTTP_RESPONSE_/;

function codeOf(error: Error): string {
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : error.name;
}

function whileConnecting(error: Error): boolean {
  return 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo');
}

/** What a transport error means (fault catalogue A and C). `headSeen`: whether a response had begun. */
export function classifyTransportError(error: Error, headSeen: boolean): AttemptFailure {
  const code = codeOf(error);
  const what = `${code}: ${scrubMessage(error.message)}`;
  if (code === 'UNPLUGGED')
    return { class: 'maybe-executed', fault: { code: 'upstream_unreachable' }, what: 'unplugged by hand while it answered', health: noEffect };
  // Our own lack of sockets is no fault of the endpoint's (fault 10).
  if (localExhaustion.has(code)) return { class: 'shed', fault: { code: 'overloaded', retryAfterMs: 1000 }, what, health: noEffect };
  if (code.startsWith('PROXY_')) return classifyProxyError(code, error, what);
  if (badCertificate.test(code) || refusedCertificate.test(code))
    return { class: 'not-sent', fault: { code: 'upstream_tls_error' }, what, health: unusable };
  if (connectTimeouts.has(code) || (code === 'ETIMEDOUT' && whileConnecting(error)))
    return { class: 'not-sent', fault: { code: 'upstream_timeout' }, what, health: oneFailure };
  if (!headSeen && (unreachable.has(code) || whileConnecting(error)))
    return { class: 'not-sent', fault: { code: 'upstream_unreachable' }, what, health: oneFailure };
  // An alert may pass with a restart, where a certificate does not (fault 8).
  if (brokenHandshake.test(code)) return { class: 'not-sent', fault: { code: 'upstream_tls_error' }, what, health: oneFailure };
  return classifyBrokenAnswer(code, error, what, headSeen);
}

/** The proxy's trouble, told as such: the endpoint was never reached, so nothing was computed. */
function classifyProxyError(code: string, { cause }: Error, what: string): AttemptFailure {
  if (cause instanceof Error && localExhaustion.has(codeOf(cause)))
    return { class: 'shed', fault: { code: 'overloaded', retryAfterMs: 1000 }, what, health: noEffect };
  // Its rules and our credentials stay as they are until somebody acts; whatever else is wrong with it may pass.
  if (code === 'PROXY_FORBIDDEN') return { class: 'not-sent', fault: { code: 'upstream_unreachable', lasting: true }, what, health: unusable };
  return { class: 'not-sent', fault: { code: 'upstream_unreachable' }, what, health: oneFailure };
}

/** The connection stood, so the request may have been read, computed and billed unless the protocol proves otherwise. */
function classifyBrokenAnswer(code: string, error: Error, what: string, headSeen: boolean): AttemptFailure {
  if (readTimeouts.has(code)) return { class: 'maybe-executed', fault: { code: 'upstream_timeout' }, what, health: oneFailure };
  // HTTP/2 says of a refused stream that it was not begun (fault 9).
  if (/REFUSED_STREAM/.test(`${code} ${error.message}`))
    return { class: 'once-more', fault: { code: 'upstream_unreachable' }, what, health: noEffect };
  if (notTheDialect.test(code))
    return { class: headSeen ? 'maybe-executed' : 'upstream-fault', fault: { code: 'upstream_malformed' }, what, health: oneFailure };
  const reset = !headSeen && (code === 'ECONNRESET' || code === 'EPIPE');
  return { class: 'maybe-executed', fault: { code: reset ? 'upstream_unreachable' : 'upstream_error' }, what, health: oneFailure };
}
