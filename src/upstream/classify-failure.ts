import { noEffect, oneFailure } from '../fleet/health-effect.ts';
import { isRecord } from '../std/is-record.ts';
import { scrubMessage } from '../protocol/scrub-message.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';

const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH', 'EACCES', 'ADDRESS_NOT_ALLOWED']);
const localExhaustion = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL']);

function codeOf(error: Error): string {
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : error.name;
}

/** What a transport error means (fault catalogue A and C). `headSeen`: whether a response had begun. */
export function classifyTransportError(error: Error, headSeen: boolean): AttemptFailure {
  const code = codeOf(error);
  const what = `${code}: ${scrubMessage(error.message)}`;
  if (code === 'UNPLUGGED')
    return { class: 'maybe-executed', fault: { code: 'upstream_unreachable' }, what: 'unplugged by hand while it answered', health: noEffect };
  if (notSent.has(code)) return { class: 'not-sent', fault: { code: 'upstream_unreachable' }, what, health: oneFailure };
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return { class: 'not-sent', fault: { code: 'upstream_timeout' }, what, health: oneFailure };
  // Our own lack of sockets is no fault of the endpoint's (fault 10).
  if (localExhaustion.has(code)) return { class: 'not-sent', fault: { code: 'overloaded', retryAfterMs: 1000 }, what, health: noEffect };
  if (/^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO|ERR_SSL)/.test(code)) {
    return { class: 'not-sent', fault: { code: 'upstream_tls_error' }, what, health: oneFailure };
  }
  if (headSeen) return { class: 'maybe-executed', fault: { code: 'upstream_error' }, what, health: oneFailure };
  return { class: 'maybe-executed', fault: { code: code === 'ECONNRESET' ? 'upstream_unreachable' : 'upstream_error' }, what, health: oneFailure };
}

/** What a response that is not a 200 means (fault catalogue B). `body` is a bounded beginning of it. */
export function classifyStatus(status: number, retryAfter: string | undefined, body: string): AttemptFailure {
  const what = `status ${status}`;
  const error = errorOf(body);
  if (status === 401 || status === 403) return { class: 'upstream-fault', fault: { code: 'upstream_auth' }, what, health: oneFailure };
  if (status === 402 || (status === 429 && error.code === 'insufficient_quota')) {
    // The vendor account is empty: the client must not read that he has no quota (fault 13).
    return {
      class: 'upstream-fault',
      fault: { code: 'upstream_unreachable' },
      what: `${what}, the vendor account is out of quota`,
      health: oneFailure,
    };
  }
  if (status === 429)
    return { class: 'refused', fault: { code: 'rate_limit_exceeded', retryAfterMs: retryAfterMs(retryAfter) }, what, health: noEffect };
  if (status === 503 || status === 529)
    return { class: 'refused', fault: { code: 'overloaded', retryAfterMs: retryAfterMs(retryAfter) }, what, health: oneFailure };
  if (status >= 300 && status < 400) return { class: 'upstream-fault', fault: { code: 'upstream_redirect' }, what, health: oneFailure };
  if (status === 404)
    return {
      class: 'upstream-fault',
      fault: { code: 'upstream_unreachable' },
      what: `${what}: the endpoint does not know the model or the route`,
      health: noEffect,
    };
  if (status === 408 || status === 409 || status === 425)
    return { class: 'upstream-fault', fault: { code: 'upstream_unreachable' }, what, health: noEffect };
  if (status === 413) return { class: 'client-fault', fault: { code: 'request_too_large' }, what, health: noEffect };
  if (status === 400 || status === 422) return refusedRequest(what, error);
  return { class: 'upstream-fault', fault: { code: 'upstream_error' }, what, health: status >= 500 ? oneFailure : noEffect };
}

function refusedRequest(what: string, error: UpstreamError): AttemptFailure {
  const said = `${error.code} ${error.message}`;
  if (/context.length|maximum context|max_model_len|exceed_context/i.test(said)) {
    return { class: 'client-fault', fault: { code: 'context_length_exceeded' }, what, health: noEffect };
  }
  if (/content.?(policy|filter)|safety/i.test(said))
    return { class: 'client-fault', fault: { code: 'content_policy_violation' }, what, health: noEffect };
  const detail = error.message === '' ? undefined : `The endpoint refused the request: ${scrubMessage(error.message)}`;
  return {
    class: 'client-fault',
    what,
    health: noEffect,
    fault: { code: 'invalid_request', ...(detail === undefined ? {} : { detail }), ...(error.param === '' ? {} : { param: error.param }) },
  };
}

interface UpstreamError {
  readonly code: string;
  readonly message: string;
  readonly param: string;
}

/** OpenAI's error object, or FastAPI's `detail` list (fault 24). */
function errorOf(body: string): UpstreamError {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { code: '', message: '', param: '' };
  }
  if (!isRecord(value)) return { code: '', message: '', param: '' };
  const error = isRecord(value['error']) ? value['error'] : value;
  const text = (name: string): string => (typeof error[name] === 'string' ? error[name] : '');
  const [first] = Array.isArray(value['detail']) ? value['detail'] : [];
  const detail = isRecord(first) && typeof first['msg'] === 'string' ? first['msg'] : text('detail');
  return { code: text('code') || text('type'), message: text('message') || detail, param: text('param') };
}

/** RFC 9110 §10.2.3: seconds or a date; capped, because a vendor may park a key for hours. */
function retryAfterMs(value: string | undefined): number {
  const seconds = Number(value);
  if (value === undefined || !Number.isFinite(seconds) || seconds < 0) return 1000;
  return Math.min(seconds, 300) * 1000;
}
