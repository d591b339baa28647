import { noEffect, oneFailure, unusable, type HealthEffect } from '../fleet/health-effect.ts';
import { readUpstreamError, type UpstreamError } from './read-upstream-error.ts';
import { retryAfterMs } from './retry-after-ms.ts';
import { scrubMessage } from '../protocol/scrub-message.ts';
import type { AttemptFailure, FailureClass } from '../policy/attempt-failure.ts';
import type { ErrorCode, Fault } from '../std/error-catalogue.ts';
import type { ResponseHeaders } from './response-headers.ts';

/** How long an endpoint that is busy is left alone where it does not say. */
const unsaidRetryAfterMs = 1000;

/** Spellings of OpenAI, Anthropic, vLLM, SGLang, TGI and llama.cpp's server. */
const tooLong =
  /context.?length|context.?(size|window)|maximum context|max_model_len|prompt is too long|input is too long|reduce the length|too many (input )?tokens|longer than the (model|maximum)|`?inputs`? tokens/i;
const againstPolicy = /content.?(policy|filter|management)|responsible.?ai|moderation|safety|flagged/i;
/**
 * Cerebras calls a window that is used up `request_quota_exceeded` or `token_quota_exceeded`: the account is well. Looked
 * for in names, and of messages only in one whole beginning: a text that repeats the prompt must not speak for the account.
 */
const emptyAccount = /insufficient_(quota|balance|funds)|(?<!(?:request|token)s?_)quota_exceeded|billing_\w+|credits_exhausted/i;
const emptyAccountInWords = /^your credit balance is too low/i;
const notKnownHere =
  /unsupported_(parameter|value)|unknown_(parameter|argument)|extra_forbidden|not_supported|(is|are) not (currently )?supported|unsupported (parameter|value|field)|(does|do) not support|unrecognized (request )?(argument|parameter|field)|unexpected (field|keyword|argument)|extra (inputs|fields) (are )?not permitted|unknown (field|parameter|argument)|not a multimodal/i;
const aboutModel = /model/i;

/** Names of failures that come without a status, inside a stream that began with 200. */
const statusOfName: readonly (readonly [RegExp, number])[] = [
  [emptyAccount, 402],
  [/overloaded/i, 529],
  [/rate.?limit|too.?many.?requests|resource_exhausted/i, 429],
  [/authentication|invalid_api_key|unauthenticated|unauthorized/i, 401],
  [/permission|forbidden/i, 403],
  [/model_not_found|not.?found/i, 404],
  [/too_large/i, 413],
  [/invalid_request|bad.?request|invalid_argument|context.?(length|size)|unprocessable|not_supported|unsupported/i, 400],
  [/unavailable/i, 503],
];

/** An error that an endpoint tells inside a stream that began with 200 (fault 61). */
export interface StreamErrorFacts {
  readonly status: number | undefined;
  readonly code: string;
  readonly type: string;
  readonly message: string;
}

/** What an error event means: the same as the status that the endpoint would have answered with, had it known in time. */
export function classifyStreamError(told: StreamErrorFacts): AttemptFailure {
  const names = `${told.code} ${told.type}`;
  const named = statusOfName.find(([pattern]) => pattern.test(names))?.[1] ?? (tooLong.test(told.message) ? 400 : 500);
  const status = told.status ?? named;
  const failure = judge(status, {}, { code: told.code, type: told.type, message: told.message, param: '' });
  return { ...failure, what: `an error event in the stream: ${failure.what}` };
}

/** What a response that is not a 200 means (fault catalogue B). `body` is a bounded beginning of it. */
export function classifyStatus(status: number, headers: ResponseHeaders, body: string): AttemptFailure {
  return judge(status, headers, readUpstreamError(body));
}

/** `error` is undefined where the body is no JSON: then something before the endpoint may have spoken (fault 16). */
function judge(status: number, headers: ResponseHeaders, error: UpstreamError | undefined): AttemptFailure {
  const names = error === undefined ? '' : [error.code, error.type].filter((name) => name !== '').join(', ');
  const said = `${names} ${error?.message ?? ''}`;
  // Names only: a message may repeat the prompt, and this is shown to operators and kept in logs.
  const what = names === '' ? `status ${status}` : `status ${status} (${scrubMessage(names)})`;
  const failure = (kind: FailureClass, fault: ErrorCode | Fault, health: HealthEffect): AttemptFailure => ({
    class: kind,
    fault: typeof fault === 'string' ? { code: fault } : fault,
    what,
    health,
  });
  // The vendor account is empty: the client must not read that he has no quota (fault 13).
  const broke = emptyAccount.test(names) || emptyAccountInWords.test(error?.message ?? '');
  if (status === 402 || (status >= 400 && status < 500 && broke))
    return failure('upstream-fault', { code: 'upstream_unreachable', lasting: true }, unusable);
  switch (status) {
    case 400:
    case 413:
    case 422:
      return refusedRequest(status, error, said, failure);
    case 401:
    case 403:
      if (status === 403 && againstPolicy.test(said)) return failure('client-fault', 'content_policy_violation', noEffect);
      return failure('upstream-fault', 'upstream_auth', unusable);
    case 404:
    case 405:
    case 410:
      return unknownThere(error, said, failure);
    case 408:
    case 409:
    case 425:
      return failure('once-more', 'upstream_unreachable', noEffect);
    case 429:
      return refusedForNow('rate_limit_exceeded', retryAfterMs(headers) ?? unsaidRetryAfterMs, failure);
    case 498:
    case 529:
      return refusedForNow('overloaded', retryAfterMs(headers) ?? unsaidRetryAfterMs, failure);
    case 503: {
      // With a time it is a busy endpoint; without one it may as well be a dead one behind a balancer.
      const askedMs = retryAfterMs(headers);
      if (askedMs !== undefined) return refusedForNow('overloaded', askedMs, failure);
      return failure('refused', { code: 'overloaded', retryAfterMs: unsaidRetryAfterMs }, oneFailure);
    }
  }
  if (status >= 300 && status < 400) return failure('upstream-fault', 'upstream_redirect', unusable);
  if (status >= 500 && notKnownHere.test(said)) return failure('unsupported-here', { code: 'invalid_request', detail: detailOf(error) }, noEffect);
  return failure('upstream-fault', 'upstream_error', oneFailure);
}

type Say = (kind: FailureClass, fault: ErrorCode | Fault, health: HealthEffect) => AttemptFailure;

function refusedForNow(code: 'rate_limit_exceeded' | 'overloaded', afterMs: number, failure: Say): AttemptFailure {
  return failure('refused', { code, retryAfterMs: afterMs }, { kind: 'busy', retryAfterMs: afterMs });
}

/**
 * A model that the endpoint does not know is a fault of the configuration. A route that it does not know may be the
 * request's kind alone (embeddings of a chat model), so this deployment is only ranked lower for a while.
 */
function unknownThere(error: UpstreamError | undefined, said: string, failure: Say): AttemptFailure {
  if (error?.param === 'model' || aboutModel.test(said))
    return failure('upstream-fault', { code: 'upstream_unreachable', lasting: true }, { kind: 'misconfigured' });
  return failure('unsupported-here', { code: 'upstream_unreachable', lasting: true }, { kind: 'busy', retryAfterMs: 0 });
}

function refusedRequest(status: number, error: UpstreamError | undefined, said: string, failure: Say): AttemptFailure {
  // No JSON: a balancer's page, which says nothing of the request that the endpoint never saw.
  if (error === undefined && status !== 413) return failure('upstream-fault', 'upstream_error', oneFailure);
  if (error?.code === 'model_not_found') return unknownThere(error, said, failure);
  if (tooLong.test(said)) return failure('too-long', 'context_length_exceeded', noEffect);
  if (status === 413) return failure('client-fault', 'request_too_large', noEffect);
  if (againstPolicy.test(said)) return failure('client-fault', 'content_policy_violation', noEffect);
  const kind = notKnownHere.test(said) ? 'unsupported-here' : 'client-fault';
  const param = error?.param ?? '';
  return failure(kind, { code: 'invalid_request', detail: detailOf(error), ...(param === '' ? {} : { param }) }, noEffect);
}

function detailOf(error: UpstreamError | undefined): string {
  const message = error?.message ?? '';
  return message === '' ? 'The endpoint refused the request.' : `The endpoint refused the request: ${scrubMessage(message)}`;
}
