import { expect, test } from 'vitest';
import { toGenerateRequest } from './to-generate-request.ts';

function translated(body: object): Record<string, unknown> {
  const result = toGenerateRequest({ model: 'm', messages: [{ role: 'user', content: 'hello' }], ...body });
  if (!result.ok) throw new Error(`${result.failure.path} ${result.failure.what}`);
  expect(result.value.model).toBe('m');
  return result.value.request;
}

test('the least request is its contents alone', () => {
  expect(translated({})).toEqual({ contents: [{ role: 'user', parts: [{ text: 'hello' }] }] });
});

test('a result names the function of its call, and a thought’s signature goes back with the call', () => {
  const messages = [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'hello' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: 'a',
          type: 'function',
          function: { name: 'weather', arguments: '{"city":"Rome"}' },
          extra_content: { google: { thought_signature: 'sig' } },
        },
        { id: 'b', type: 'function', function: { name: 'now', arguments: '' } },
      ],
    },
    { role: 'tool', tool_call_id: 'a', content: '{"sky":"blue"}' },
    { role: 'tool', tool_call_id: 'b', content: 'noon' },
  ];
  expect(translated({ messages })).toEqual({
    systemInstruction: { parts: [{ text: 'be brief' }] },
    contents: [
      { role: 'user', parts: [{ text: 'hello' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'a', name: 'weather', args: { city: 'Rome' } }, thoughtSignature: 'sig' },
          { functionCall: { id: 'b', name: 'now', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'weather', response: { sky: 'blue' } } },
          { functionResponse: { id: 'b', name: 'now', response: { output: 'noon' } } },
        ],
      },
    ],
  });
});

test.each([
  ['none', { mode: 'NONE' }],
  ['auto', { mode: 'AUTO' }],
  ['required', { mode: 'ANY' }],
  [
    { type: 'function', function: { name: 'f' } },
    { mode: 'ANY', allowedFunctionNames: ['f'] },
  ],
])('the choice of tools %j becomes %j', (given, told) => {
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
  expect(translated({ tools, tool_choice: given })).toMatchObject({
    tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object' } }] }],
    toolConfig: { functionCallingConfig: told },
  });
});

test('strict tools are held to their schema', () => {
  const tools = [{ type: 'function', function: { name: 'f', strict: true } }];
  expect(translated({ tools })).toMatchObject({ toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } } });
});

test('sampling, bounds, schemas and thinking have words of their own', () => {
  const body = {
    max_tokens: 7,
    temperature: 0.5,
    top_p: 0.9,
    top_k: 3,
    seed: 4,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    stop: ['A', 'B'],
    reasoning_effort: 'low',
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } },
  };
  expect(translated(body)['generationConfig']).toEqual({
    maxOutputTokens: 7,
    temperature: 0.5,
    topP: 0.9,
    topK: 3,
    seed: 4,
    frequencyPenalty: 0.1,
    presencePenalty: 0.2,
    stopSequences: ['A', 'B'],
    responseMimeType: 'application/json',
    responseJsonSchema: { type: 'object' },
    thinkingConfig: { thinkingBudget: 1024, includeThoughts: true },
  });
});

test('an image passes as data', () => {
  const content = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } }];
  expect(translated({ messages: [{ role: 'user', content }] })['contents']).toEqual([
    { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'aGk=' } }] },
  ]);
});

test.each([
  ['a result of no known call', [{ role: 'tool', tool_call_id: 'x', content: 'y' }]],
  ['an address of an image', [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x.example/i' } }] }]],
])('%s cannot be said', (_name, messages) => {
  expect(toGenerateRequest({ model: 'm', messages }).ok).toBe(false);
});
