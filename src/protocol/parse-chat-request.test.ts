import { describe, expect, test } from 'vitest';
import { accepted, hello } from './testing/judge-chat-body.ts';

const encoder = new TextEncoder();
const tool = (parameters: unknown): unknown => ({ type: 'function', function: { name: 'f', parameters } });

test('the least request gets the documented defaults', () => {
  const { bytes, scanned, ...facts } = accepted(hello);
  expect(bytes).toEqual(encoder.encode(JSON.stringify(hello)));
  expect([...scanned.members.keys()]).toEqual(['model', 'messages']);
  expect(facts).toEqual({
    endsWithAssistant: false,
    isUsual: true,
    kind: 'chat',
    model: 'm',
    provider: undefined,
    stream: false,
    includeUsage: false,
    n: 1,
    otherModels: [],
    maxTokens: undefined,
    seed: undefined,
    stop: [],
    temperature: undefined,
    sampling: 'sampled',
    wantsTokenIds: false,
    logprobs: false,
    hasTools: false,
    responseFormat: 'text',
    messageCharacters: 5,
    media: [],
    unknownFields: [],
    extensionFields: [],
  });
});

test('null stands for absent in every optional published field', () => {
  const nulls = [
    'frequency_penalty',
    'logit_bias',
    'max_tokens',
    'n',
    'presence_penalty',
    'seed',
    'stop',
    'stream',
    'stream_options',
    'temperature',
    'top_p',
    'user',
    'audio',
    'function_call',
    'functions',
    'logprobs',
    'max_completion_tokens',
    'metadata',
    'modalities',
    'moderation',
    'parallel_tool_calls',
    'prediction',
    'prompt_cache_key',
    'prompt_cache_options',
    'prompt_cache_retention',
    'reasoning_effort',
    'response_format',
    'safety_identifier',
    'service_tier',
    'store',
    'tool_choice',
    'tools',
    'top_logprobs',
    'verbosity',
    'web_search_options',
  ];
  const body = { ...hello, ...Object.fromEntries(nulls.map((name) => [name, null])) };
  expect(accepted(body)).toMatchObject({ n: 1, stream: false, unknownFields: [], extensionFields: [] });
});

test('a request with everything published passes, and is read', () => {
  const request = accepted({
    model: 'gpt',
    frequency_penalty: -2,
    presence_penalty: 2,
    logit_bias: { 50256: -100 },
    max_completion_tokens: 7,
    n: 8,
    seed: -3,
    stop: ['a', 'b', '', 'd'],
    stream: true,
    stream_options: { include_usage: true, include_obfuscation: false },
    temperature: 0,
    top_p: 1,
    user: 'u',
    logprobs: true,
    top_logprobs: 20,
    metadata: { k: 'v' },
    modalities: ['text'],
    parallel_tool_calls: false,
    prediction: { type: 'content', content: 'x' },
    reasoning_effort: 'xhigh',
    response_format: { type: 'json_schema', json_schema: { name: 's', schema: { type: 'object' }, strict: true } },
    service_tier: 'flex',
    store: false,
    tool_choice: { type: 'function', function: { name: 'f' } },
    tools: [tool({ type: 'object' }), { type: 'custom', custom: { name: 'c', format: { type: 'text' } } }],
    verbosity: 'low',
    web_search_options: {},
    safety_identifier: 's',
    prompt_cache_key: 'p',
    messages: [
      { role: 'developer', content: 'be' },
      { role: 'system', content: [{ type: 'text', text: 'brief' }], name: 'n' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image_url', image_url: { url: 'https://pictures.example/a.png', detail: 'low' } },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } },
          { type: 'file', file: { file_id: 'f' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: '1', type: 'function', function: { name: 'f', arguments: '{"api_base":1}' } },
          { id: '2', type: 'custom', custom: { name: 'c', input: 'i' } },
        ],
        reasoning_content: 'hm',
        annotations: [],
      },
      { role: 'tool', content: 'done', tool_call_id: '1' },
      { role: 'function', content: null, name: 'old' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'a' },
          { type: 'refusal', refusal: 'no' },
        ],
        refusal: null,
        function_call: { name: 'g', arguments: '' },
      },
    ],
  });
  expect(request).toMatchObject({
    stream: true,
    includeUsage: true,
    n: 8,
    maxTokens: 7,
    seed: -3,
    stop: ['a', 'b', 'd'],
    temperature: 0,
    sampling: 'greedy',
    logprobs: true,
    hasTools: true,
    responseFormat: 'json_schema',
    unknownFields: [],
    extensionFields: [],
    media: [
      { kind: 'image', url: 'https://pictures.example/a.png' },
      { kind: 'image', url: undefined },
      { kind: 'audio', url: undefined },
      { kind: 'file', url: undefined },
    ],
  });
  expect(request.messageCharacters).toBeGreaterThan('bebriefsee'.length + '{"api_base":1}'.length);
});

describe('fields beyond the published API', () => {
  test('are sorted into known extensions and unknown ones', () => {
    const request = accepted({
      ...hello,
      top_k: 1,
      min_p: 0.1,
      repetition_penalty: 1.1,
      return_token_ids: true,
      continue_final_message: true,
      add_generation_prompt: false,
      colour: 'red',
      __proto__x: 1,
      provider: { only: ['groq'], order: null },
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: 'y', prefix: true },
      ],
    });
    expect(request).toMatchObject({
      sampling: 'greedy',
      wantsTokenIds: true,
      provider: { only: ['groq'], order: [], ignore: [] },
      unknownFields: ['colour', '__proto__x'],
      extensionFields: [
        'top_k',
        'min_p',
        'repetition_penalty',
        'return_token_ids',
        'continue_final_message',
        'add_generation_prompt',
        'messages[].prefix',
      ],
    });
  });
  test('named like parts of JavaScript are only unknown', () => {
    const request = accepted(
      '{"__proto__":{"stream":true,"n":99},"constructor":1,"toString":2,"model":"m","messages":[{"role":"user","content":"x","__proto__":{"role":"system"}}]}',
    );
    expect(request.unknownFields).toEqual(['__proto__', 'constructor', 'toString']);
    expect(request).toMatchObject({ stream: false, n: 1 });
    expect(Object.hasOwn(Object.prototype, 'stream')).toBe(false);
  });
});

test('numbers that JavaScript cannot hold stay in the bytes', () => {
  const text = '{"model":"m","seed":12345678901234567890,"x":1e400,"temperature":1.0,"messages":[{"role":"user","content":"\\ud800"}]}';
  const request = accepted(text);
  expect(new TextDecoder().decode(request.bytes)).toBe(text);
  expect(request.seed).toBeUndefined();
  expect(request.temperature).toBe(1);
});
