import { describe, expect, test } from 'vitest';
import { parseCompletionRequest } from './parse-completion-request.ts';

const parse = (fields: object): ReturnType<typeof parseCompletionRequest> =>
  parseCompletionRequest(new TextEncoder().encode(JSON.stringify({ model: 'm', ...fields })));

describe('a prompt', () => {
  test.each<[unknown, unknown]>([
    ['hello', { kind: 'text', text: 'hello' }],
    ['', { kind: 'text', text: '' }],
    [['hello'], { kind: 'text', text: 'hello' }],
    [[1, 2, 3], { kind: 'tokens', tokens: [1, 2, 3] }],
    [[[1, 2, 3]], { kind: 'tokens', tokens: [1, 2, 3] }],
  ])('%j is one prompt', (prompt, expected) => {
    expect(parse({ prompt })).toMatchObject({ ok: true, value: { kind: 'completion', prompt: expected } });
  });

  test.each<[unknown, RegExp]>([
    [['a', 'b'], /one request may hold one prompt; send several requests/],
    [[[1], [2]], /one request may hold one prompt; send several requests/],
    [[], /not empty/],
    [[[]], /token ids/],
    [[1, 'a'], /token ids/],
    [[1.5], /token ids/],
    [[-1], /token ids/],
    [[2 ** 32], /token ids/],
    [null, /expected a string/],
    [undefined, /expected a string/],
    [{ text: 'x' }, /expected a string/],
  ])('%j is a 400 that says what to do', (prompt, detail) => {
    expect(parse({ prompt })).toMatchObject({
      ok: false,
      failure: { code: 'invalid_request', param: 'prompt', detail: expect.stringMatching(detail) },
    });
  });
});

test('the other fields are read', () => {
  expect(
    parse({
      prompt: 'x',
      max_tokens: 0,
      logprobs: 0,
      echo: true,
      suffix: 'y',
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      best_of: 1,
      top_k: 5,
      colour: 1,
      return_token_ids: true,
    }),
  ).toMatchObject({
    ok: true,
    value: {
      maxTokens: 0,
      logprobs: true,
      echo: true,
      hasSuffix: true,
      stream: true,
      includeUsage: true,
      sampling: 'greedy',
      extensionFields: ['top_k', 'return_token_ids'],
      unknownFields: ['colour'],
      wantsTokenIds: true,
    },
  });
  expect(parse({ prompt: 'x', best_of: null, echo: null, suffix: null, logprobs: null })).toMatchObject({
    ok: true,
    value: { logprobs: false, echo: false, hasSuffix: false, maxTokens: undefined },
  });
});

test.each<[string, string, object]>([
  ['invalid_request', 'logprobs', { logprobs: 21 }],
  ['invalid_request', 'logprobs', { logprobs: true }],
  ['invalid_request', 'n', { n: 9 }],
  ['invalid_request', 'max_tokens', { max_tokens: -1 }],
  ['unsupported_parameter', 'best_of', { best_of: 5 }],
  ['unsupported_parameter', 'guided_regex', { guided_regex: 'a' }],
  ['unsupported_parameter', 'prompt_logprobs', { prompt_logprobs: 1 }],
])('%s for %s', (code, param, fields) => {
  expect(parse({ prompt: 'x', ...fields })).toMatchObject({ ok: false, failure: { code, param } });
});

test('fields of the chat route are unknown here, and those that have limits are refused', () => {
  expect(parse({ prompt: 'x', messages: [], store: true })).toMatchObject({ ok: true, value: { unknownFields: ['messages', 'store'] } });
  for (const field of ['tools', 'functions', 'max_completion_tokens', 'top_logprobs'])
    expect(parse({ prompt: 'x', [field]: 1 })).toMatchObject({ ok: false, failure: { code: 'unsupported_parameter', param: field } });
});
