import { expect, test } from 'vitest';
import { classifyStatus, classifyStreamError } from './classify-failure.ts';
import type { HealthEffect } from '../fleet/health-effect.ts';
import type { FailureClass } from '../policy/attempt-failure.ts';
import type { ErrorCode } from '../std/error-catalogue.ts';
import type { ResponseHeaders } from './response-headers.ts';

type Row = [what: string, status: number, headers: ResponseHeaders, body: string, kind: FailureClass, code: ErrorCode, health: HealthEffect['kind']];

const error = (code: string, message = '', type = ''): string => JSON.stringify({ error: { code, type, message } });

test.each<Row>([
  ['a rate limit', 429, { 'retry-after': '7' }, error('rate_limit_exceeded'), 'refused', 'rate_limit_exceeded', 'busy'],
  ['an empty account told by 429', 429, {}, error('insufficient_quota'), 'upstream-fault', 'upstream_unreachable', 'unusable'],
  ['an empty account told by type', 429, {}, error('', '', 'insufficient_quota'), 'upstream-fault', 'upstream_unreachable', 'unusable'],
  ['an empty account told by 402', 402, {}, '', 'upstream-fault', 'upstream_unreachable', 'unusable'],
  [
    'an empty account in a message alone',
    400,
    {},
    error('', 'Your credit balance is too low to access the API.', 'invalid_request_error'),
    'upstream-fault',
    'upstream_unreachable',
    'unusable',
  ],
  ['Anthropic overloaded', 529, {}, error('', 'Overloaded', 'overloaded_error'), 'refused', 'overloaded', 'busy'],
  ['an overload with a time', 503, { 'retry-after': '2' }, '', 'refused', 'overloaded', 'busy'],
  ['an overload without one', 503, {}, '<html>', 'refused', 'overloaded', 'failure'],
  ['an internal error', 500, {}, error('', 'boom', 'server_error'), 'upstream-fault', 'upstream_error', 'failure'],
  ['a balancer’s page', 502, {}, '<html><h1>Bad Gateway</h1>', 'upstream-fault', 'upstream_error', 'failure'],
  ['a balancer’s page that blames the request', 400, {}, '<html>400</html>', 'upstream-fault', 'upstream_error', 'failure'],
  ['a refused key', 401, {}, error('invalid_api_key'), 'upstream-fault', 'upstream_auth', 'unusable'],
  ['a forbidden key', 403, {}, '', 'upstream-fault', 'upstream_auth', 'unusable'],
  ['content refused by 403', 403, {}, error('', 'Your input was flagged'), 'client-fault', 'content_policy_violation', 'none'],
  ['an unknown model', 404, {}, error('', 'The model `x` does not exist.'), 'upstream-fault', 'upstream_unreachable', 'misconfigured'],
  ['an unknown model told by 400', 400, {}, error('model_not_found'), 'upstream-fault', 'upstream_unreachable', 'misconfigured'],
  ['an unknown route', 404, {}, '{"detail":"Not Found"}', 'unsupported-here', 'upstream_unreachable', 'busy'],
  ['a route of another method', 405, {}, '{"detail":"Method Not Allowed"}', 'unsupported-here', 'upstream_unreachable', 'busy'],
  ['a timeout of the request', 408, {}, '', 'once-more', 'upstream_unreachable', 'none'],
  ['a conflict', 409, {}, error('conflict'), 'once-more', 'upstream_unreachable', 'none'],
  ['too early', 425, {}, '', 'once-more', 'upstream_unreachable', 'none'],
  ['a body too large', 413, {}, '', 'client-fault', 'request_too_large', 'none'],
  ['a prompt too long told by 413', 413, {}, error('', 'prompt is too long: 9 tokens > 8 maximum'), 'too-long', 'context_length_exceeded', 'none'],
  ['a bad value', 400, {}, error('invalid_value', 'temperature must be non-negative'), 'client-fault', 'invalid_request', 'none'],
  [
    'FastAPI’s list',
    422,
    {},
    '{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required"}]}',
    'client-fault',
    'invalid_request',
    'none',
  ],
  ['a field unknown there', 422, {}, '{"detail":"Unexpected fields in the request: {\'top_k\'}"}', 'unsupported-here', 'invalid_request', 'none'],
  [
    'an extra field of FastAPI’s',
    422,
    {},
    '{"detail":[{"type":"extra_forbidden","loc":["body","top_k"],"msg":"Extra inputs are not permitted"}]}',
    'unsupported-here',
    'invalid_request',
    'none',
  ],
  ['an unsupported parameter', 400, {}, error('unsupported_parameter', 'no'), 'unsupported-here', 'invalid_request', 'none'],
  [
    'no image input',
    500,
    {},
    '{"error":{"code":500,"message":"image input is not supported","type":"server_error"}}',
    'unsupported-here',
    'invalid_request',
    'none',
  ],
  [
    'no embeddings',
    501,
    {},
    '{"error":{"code":501,"message":"This server does not support embeddings.","type":"not_supported_error"}}',
    'unsupported-here',
    'invalid_request',
    'none',
  ],
  ['content refused', 400, {}, error('content_policy_violation'), 'client-fault', 'content_policy_violation', 'none'],
  ['content refused by a filter', 400, {}, error('content_filter', 'The response was filtered'), 'client-fault', 'content_policy_violation', 'none'],
  ['a redirect that keeps the method', 307, { location: 'http://elsewhere' }, '', 'upstream-fault', 'upstream_redirect', 'unusable'],
  ['a permanent redirect', 308, {}, '', 'upstream-fault', 'upstream_redirect', 'unusable'],
  ['an unknown status', 999, {}, '', 'upstream-fault', 'upstream_error', 'failure'],
  ['an unknown refusal', 418, {}, '', 'upstream-fault', 'upstream_error', 'failure'],
  ['nothing', 204, {}, '', 'upstream-fault', 'upstream_error', 'failure'],
  ['a part', 206, {}, '', 'upstream-fault', 'upstream_error', 'failure'],
])('%s (%i) is told by its class, its fault and its effect on health', (_what, status, headers, body, kind, code, health) => {
  const failure = classifyStatus(status, headers, body);
  expect({ kind: failure.class, code: failure.fault.code, health: failure.health.kind }).toEqual({ kind, code, health });
});

test.each([
  'This model’s maximum context length is 1024 tokens. However, your prompt contains 24050 characters',
  'max_tokens=5000 cannot be greater than max_model_len=1024. Please request fewer output tokens.',
  'request (18009 tokens) exceeds the available context size (1024 tokens), try increasing it',
  'prompt is too long: 210000 tokens > 200000 maximum',
  'The input (9000 tokens) is longer than the model’s context length (8192 tokens).',
  'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens',
  'Please reduce the length of the messages or completion.',
])('a prompt too long is told from %s', (message) => {
  expect(classifyStatus(400, {}, error('', message, 'invalid_request_error')).class).toBe('too-long');
});

test('the field at fault is named where the endpoint names it, and only as a name', () => {
  const paramOf = (body: string): string | undefined => classifyStatus(400, {}, body).fault.param;
  expect(paramOf('{"error":{"message":"no","param":"temperature"}}')).toBe('temperature');
  expect(paramOf('{"error":{"message":"no","param":"body.max_tokens"}}')).toBe('max_tokens');
  expect(paramOf('{"detail":[{"loc":["body","messages",0,"role"],"msg":"no"}]}')).toBe('messages.0.role');
  expect(paramOf('{"detail":"Unexpected fields in the request: {\'top_k\'}"}')).toBe('top_k');
  expect(paramOf('{"error":{"message":"no","param":"http://10.0.0.1/ <script>"}}')).toBeUndefined();
});

test('no key, host or prompt of anybody is in what a client or an operator reads', () => {
  const body = JSON.stringify({
    error: { message: 'bad value at https://api.vendor.com for key sk-secret1234567 on 10.1.2.3:8000', type: 'BadRequestError' },
  });
  const failure = classifyStatus(400, {}, body);
  expect(JSON.stringify(failure)).not.toMatch(/sk-secret|vendor\.com|10\.1\.2\.3/);
  expect(failure.what).toBe('status 400 (BadRequestError)');
});

test('a text that speaks of billing does not take an endpoint out', () => {
  expect(classifyStatus(400, {}, error('', 'invalid value: "insufficient_quota billing_hard_limit" in the prompt')).health.kind).toBe('none');
});

test.each<[string, Partial<Parameters<typeof classifyStreamError>[0]>, FailureClass, ErrorCode, HealthEffect['kind']]>([
  ['vLLM’s lost core', { status: 500, type: 'InternalServerError' }, 'upstream-fault', 'upstream_error', 'failure'],
  ['Anthropic’s overload', { type: 'overloaded_error' }, 'refused', 'overloaded', 'busy'],
  ['a rate limit', { code: 'rate_limit_exceeded' }, 'refused', 'rate_limit_exceeded', 'busy'],
  ['an empty account', { code: 'insufficient_quota' }, 'upstream-fault', 'upstream_unreachable', 'unusable'],
  ['a refused key', { type: 'authentication_error' }, 'upstream-fault', 'upstream_auth', 'unusable'],
  ['a bad request', { status: 400, type: 'BadRequestError' }, 'client-fault', 'invalid_request', 'none'],
  ['a bad request by name', { type: 'invalid_request_error' }, 'client-fault', 'invalid_request', 'none'],
  ['a long prompt by name', { type: 'exceed_context_size_error' }, 'too-long', 'context_length_exceeded', 'none'],
  ['a long prompt by message', { message: 'maximum context length is 9' }, 'too-long', 'context_length_exceeded', 'none'],
  ['a refusal of content', { code: 'content_filter', status: 400 }, 'client-fault', 'content_policy_violation', 'none'],
  ['no word at all', {}, 'upstream-fault', 'upstream_error', 'failure'],
])('inside a stream, %s means what its status would have meant', (_what, told, kind, code, health) => {
  const failure = classifyStreamError({ status: undefined, code: '', type: '', message: '', ...told });
  expect({ kind: failure.class, code: failure.fault.code, health: failure.health.kind }).toEqual({ kind, code, health });
});
