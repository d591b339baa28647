import { expect, test } from 'vitest';
import { parseEmbeddingRequest } from './parse-embedding-request.ts';

const parse = (fields: object): ReturnType<typeof parseEmbeddingRequest> =>
  parseEmbeddingRequest(new TextEncoder().encode(JSON.stringify({ model: 'm', ...fields })));

test.each<[unknown, object]>([
  ['hello', { inputs: 1, inputCharacters: 5, inputTokens: 0 }],
  [['a', 'bc'], { inputs: 2, inputCharacters: 3, inputTokens: 0 }],
  [[1, 2, 3], { inputs: 1, inputCharacters: 0, inputTokens: 3 }],
  [[[1, 2], [3]], { inputs: 2, inputCharacters: 0, inputTokens: 3 }],
])('input %j is counted', (input, counts) => {
  expect(parse({ input })).toMatchObject({ ok: true, value: { kind: 'embedding', encodingFormat: 'float', dimensions: undefined, ...counts } });
});

test.each<[string, object]>([
  ['input', {}],
  ['input', { input: [] }],
  ['input', { input: {} }],
  ['input', { input: Array.from({ length: 2049 }, () => 'a') }],
  ['input[1]', { input: ['a', [1]] }],
  ['input[1]', { input: [[1], []] }],
  ['input[0]', { input: [1, 'a'] }],
  ['input[0]', { input: [-1] }],
  ['input[0]', { input: [null] }],
  ['encoding_format', { input: 'a', encoding_format: 'hex' }],
  ['dimensions', { input: 'a', dimensions: 0 }],
  ['model', { input: 'a', model: null }],
])('%s at fault is named', (param, fields) => {
  expect(parse(fields)).toMatchObject({ ok: false, failure: { code: 'invalid_request', param } });
});

test('the other fields are read, sorted and refused as on the chat route', () => {
  expect(
    parse({ input: 'a', encoding_format: 'base64', dimensions: 256, provider: { ignore: ['x'] }, truncate_prompt_tokens: -1, colour: 1 }),
  ).toMatchObject({
    ok: true,
    value: {
      encodingFormat: 'base64',
      dimensions: 256,
      provider: { only: [], order: [], ignore: ['x'] },
      extensionFields: ['truncate_prompt_tokens'],
      unknownFields: ['colour'],
    },
  });
  expect(parse({ input: 'a', api_base: 'x' })).toMatchObject({ ok: false, failure: { code: 'unsupported_parameter', param: 'api_base' } });
});
