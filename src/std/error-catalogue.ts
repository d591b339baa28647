import { controlErrors } from './control-errors.ts';
import type { ErrorEntry } from './error-entry.ts';

/**
 * Every error that a client of the API can see: its code, HTTP status, OpenAI `type`, whether the same request may
 * succeed if sent again, why it happens and what to do. The gateway builds error bodies from nothing else, so a
 * vendor's text, host or key cannot leak through one. Statuses follow the fault catalogue: a vendor's trouble is
 * never shown as the client's fault (an upstream 401 becomes 502, a 529 becomes 503).
 */
export const errorCatalogue = {
  invalid_json: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'The body is not one JSON object in valid UTF-8.',
    whatToDo: 'Send one JSON object, encoded as UTF-8.',
  },
  invalid_request: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'A field is missing, has the wrong type or is out of range.',
    whatToDo: 'Correct the field that `param` names.',
  },
  unknown_parameter: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'The field is not part of the published API and no endpoint declares it.',
    whatToDo: 'Remove the field that `param` names.',
  },
  unsupported_parameter: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'The field could turn the gateway or an engine against others, so it is refused by name.',
    whatToDo: 'Remove the field that `param` names.',
  },
  unsupported_value: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'Every endpoint of this model refuses, or would not heed, what the field asks for; it is never dropped in silence.',
    whatToDo: 'Remove the field that `param` names, or ask a model that another endpoint serves.',
  },
  context_length_exceeded: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'Prompt and answer together do not fit the context of any endpoint of this model.',
    whatToDo: 'Shorten the prompt or lower max_tokens.',
  },
  content_policy_violation: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'The endpoint refused the content of the prompt.',
    whatToDo: 'Change the prompt. Another vendor is not tried, lest the strictest policy be bypassed.',
  },
  bad_http: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'The request line or a header is ambiguous (two Host headers, for instance).',
    whatToDo: 'Send plain HTTP/1.1 with one Host header and an origin-form target.',
  },
  invalid_api_key: {
    status: 401,
    type: 'authentication_error',
    retryable: false,
    cause: 'The key is missing or not one of this gateway.',
    whatToDo: 'Send `Authorization: Bearer KEY` with a key of this gateway.',
  },
  forbidden_origin: {
    status: 403,
    type: 'permission_error',
    retryable: false,
    cause: 'The request comes from another site or names another host than this gateway.',
    whatToDo: 'Call the gateway by the address that it printed at start.',
  },
  out_of_scope: {
    status: 403,
    type: 'permission_error',
    retryable: false,
    cause: 'This key may not use that.',
    whatToDo: 'Ask for what the key is for, or ask the operator for a key with a wider scope.',
  },
  not_approved: {
    status: 403,
    type: 'permission_error',
    retryable: false,
    cause: 'The team’s approvals, or the scope of the key, leave no endpoint of this model that may see the prompt.',
    whatToDo: 'Choose a model from GET /v1/models, which shows what this key may use, or ask the operator to approve an endpoint.',
  },
  model_not_found: {
    status: 404,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'No endpoint serves a model of this name.',
    whatToDo: 'Choose a name from GET /v1/models.',
  },
  response_not_found: {
    status: 404,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'No response of this id is kept for this key.',
    whatToDo: 'Responses are kept in memory for `storedResponses.keepMs`, where that is enabled: send the whole conversation instead.',
  },
  not_found: {
    status: 404,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'There is no such route.',
    whatToDo: 'See docs/api for the routes.',
  },
  method_not_allowed: {
    status: 405,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'The route exists, with another method.',
    whatToDo: 'Use the method that the `allow` header names.',
  },
  request_timeout: {
    status: 408,
    type: 'invalid_request_error',
    retryable: true,
    cause: 'The request did not arrive whole in time.',
    whatToDo: 'Send the request again, without pauses.',
  },
  idempotency_in_progress: {
    status: 409,
    type: 'invalid_request_error',
    retryable: true,
    cause: 'A request with this idempotency key is running, and its answer is too long to be followed from its beginning.',
    whatToDo: 'Wait as long as `retry-after` says, then send the same request again.',
  },
  request_too_large: {
    status: 413,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'The body is larger than this gateway accepts.',
    whatToDo: 'Send less, or raise limits.requestBodyBytes.',
  },
  idempotency_mismatch: {
    status: 422,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'The idempotency key was used for another body.',
    whatToDo: 'Use a new key for a new request, and the same bytes for a repeated one.',
  },
  rate_limit_exceeded: {
    status: 429,
    type: 'rate_limit_error',
    retryable: true,
    cause: 'Every endpoint of this model asks to wait, or a limit a minute is used up.',
    whatToDo: 'Wait as long as `retry-after` says.',
  },
  concurrency_limit_exceeded: {
    status: 429,
    type: 'rate_limit_error',
    retryable: true,
    cause: 'As many requests as the key, its team or the gateway may run at once are running.',
    whatToDo: 'Send fewer at a time, or wait as long as `retry-after` says.',
  },
  insufficient_quota: {
    status: 429,
    type: 'insufficient_quota',
    retryable: false,
    cause: 'What is left of a budget does not cover what the request may use at most.',
    whatToDo: 'Lower max_tokens, wait for a new day or month, or ask the operator for a larger budget.',
  },
  budget_reserved: {
    status: 429,
    type: 'rate_limit_error',
    retryable: true,
    cause: 'What is left of a budget is reserved by requests that are running.',
    whatToDo: 'Wait as long as `retry-after` says: what they do not use is given back.',
  },
  client_closed: {
    status: 499,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'The client went away before the answer was complete.',
    whatToDo: 'Nothing: this is recorded, not sent.',
  },
  internal_error: {
    status: 500,
    type: 'server_error',
    retryable: false,
    cause: 'The gateway itself failed.',
    whatToDo: 'Report it with the request id.',
  },
  upstream_error: {
    status: 502,
    type: 'server_error',
    retryable: false,
    cause: 'Every endpoint that could be tried failed.',
    whatToDo: 'Look at `second-source status`; send the request again later.',
  },
  upstream_auth: {
    status: 502,
    type: 'server_error',
    retryable: false,
    cause: 'An endpoint refused this gateway’s own key.',
    whatToDo: 'The operator checks the key of that endpoint.',
  },
  upstream_tls_error: {
    status: 502,
    type: 'server_error',
    retryable: false,
    cause: 'The endpoint’s certificate could not be verified.',
    whatToDo: 'The operator renews the certificate or configures the private CA.',
  },
  upstream_redirect: {
    status: 502,
    type: 'server_error',
    retryable: false,
    cause: 'The endpoint answered with a redirect, which is never followed: it would carry the key along.',
    whatToDo: 'The operator configures the final URL.',
  },
  upstream_malformed: {
    status: 502,
    type: 'server_error',
    retryable: false,
    cause: 'The endpoint sent what its dialect does not allow.',
    whatToDo: 'The operator runs `second-source doctor URL`.',
  },
  upstream_event_too_large: {
    status: 502,
    type: 'server_error',
    retryable: false,
    cause: 'The endpoint sent a line or an event over the limit.',
    whatToDo: 'The operator checks the endpoint, or raises limits.eventBytes.',
  },
  upstream_empty_response: {
    status: 502,
    type: 'server_error',
    retryable: false,
    cause: 'The endpoint ended its answer without any content.',
    whatToDo: 'Send the request again later.',
  },
  upstream_tool_call_invalid: {
    status: 502,
    type: 'server_error',
    retryable: false,
    cause: 'The arguments of a tool call ended before they were complete JSON.',
    whatToDo: 'Raise max_tokens, or send the request again.',
  },
  upstream_stream_error: {
    status: 502,
    type: 'server_error',
    retryable: false,
    cause: 'The endpoint was lost in the middle of the answer and nothing else may honestly continue it.',
    whatToDo: 'Discard the partial answer and send the request again.',
  },
  upstream_unreachable: {
    status: 503,
    type: 'server_error',
    retryable: true,
    cause: 'No endpoint of this model could be reached.',
    whatToDo: 'Send the request again shortly; look at `second-source status`.',
  },
  share_cap_reached: {
    status: 503,
    type: 'server_error',
    retryable: true,
    cause: 'Whoever could serve this is at a hard cap on shares.',
    whatToDo: 'Wait as long as `retry-after` says; the operator can raise the cap, or add an endpoint of another vendor.',
  },
  overloaded: {
    status: 503,
    type: 'server_error',
    retryable: true,
    cause: 'The gateway or every endpoint of this model is at its limit.',
    whatToDo: 'Wait as long as `retry-after` says.',
  },
  price_unknown: {
    status: 503,
    type: 'server_error',
    retryable: false,
    cause: 'The key has a budget of money, and what this model costs is not known of every endpoint that could serve it.',
    whatToDo: 'The operator gives a price to the model, in the configuration or the price table, or sets prices.cap.',
  },
  limits_unavailable: {
    status: 503,
    type: 'server_error',
    retryable: true,
    cause: 'The process that keeps budgets and limits cannot be reached, and nothing that they cover is served without it.',
    whatToDo: 'Send the request again shortly.',
  },
  ledger_unavailable: {
    status: 503,
    type: 'server_error',
    retryable: true,
    cause: 'The ledger’s journal cannot be written, and nothing is dispatched without its record.',
    whatToDo: 'The operator frees disk space or repairs the ledger directory.',
  },
  keys_unavailable: {
    status: 503,
    type: 'server_error',
    retryable: true,
    cause: 'The store of keys cannot be read, so nobody can tell whether this key is right.',
    whatToDo: 'Send the request again shortly; the operator repairs the folder of the key store, or names the pepper that the keys were made with.',
  },
  draining: {
    status: 503,
    type: 'server_error',
    retryable: true,
    cause: 'This gateway is shutting down.',
    whatToDo: 'Send the request to another replica, or again shortly.',
  },
  upstream_timeout: {
    status: 504,
    type: 'server_error',
    retryable: false,
    cause: 'No endpoint produced content within the time allowed.',
    whatToDo: 'Send the request again later, or raise the timeouts of that endpoint.',
  },
  ...controlErrors,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

/** An expected failure as a value. `detail` is shown to the client: it never holds vendor text, hosts or secrets. */
export interface Fault {
  readonly code: ErrorCode;
  /** One sentence for this case; the catalogue's cause and advice stand where it is absent. */
  readonly detail?: string;
  /** The request's field at fault, in OpenAI's dotted form. */
  readonly param?: string;
  /** For 429 and 503: how long the client should wait. */
  readonly retryAfterMs?: number;
  /** Waiting does not help, because the operator must act: the same request is not worth sending again, whatever the code. */
  readonly lasting?: true;
}

/** The message that goes with a fault: its own sentence, or the catalogue's cause, then what to do. */
export function faultMessage(fault: Fault): string {
  const entry = errorCatalogue[fault.code];
  return `${fault.detail ?? entry.cause} ${entry.whatToDo}`;
}

/** OpenAI's error body, which its SDKs turn into their typed exceptions. */
export function errorBody(fault: Fault): string {
  const { type } = errorCatalogue[fault.code];
  return JSON.stringify({ error: { message: faultMessage(fault), type, param: fault.param ?? null, code: fault.code } });
}
