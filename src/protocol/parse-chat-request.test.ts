import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonObjectText, jsonText } from '../../test/support/arbitrary-json.ts';
import { faultMessage } from '../std/error-catalogue.ts';
import type { Fault } from '../std/error-catalogue.ts';
import { parseChatRequest } from './parse-chat-request.ts';
import type { ChatRequest } from './parse-chat-request.ts';
import { parseCompletionRequest } from './parse-completion-request.ts';
import { parseEmbeddingRequest } from './parse-embedding-request.ts';

const encoder = new TextEncoder();
const hello = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };

function accepted(body: unknown): ChatRequest {
  const parsed = parseChatRequest(encoder.encode(typeof body === 'string' ? body : JSON.stringify(body)));
  if (!parsed.ok) throw new Error(`${parsed.failure.param}: ${faultMessage(parsed.failure)}`);
  return parsed.value;
}

function refusal(body: unknown): Fault {
  const parsed = parseChatRequest(encoder.encode(typeof body === 'string' ? body : JSON.stringify(body)));
  if (parsed.ok) throw new Error('the request was accepted');
  return parsed.failure;
}

const nest = (levels: number): unknown => (levels === 0 ? 1 : { a: nest(levels - 1) });
const tool = (parameters: unknown): unknown => ({ type: 'function', function: { name: 'f', parameters } });

test('the least request gets the documented defaults', () => {
  const { bytes, scanned, ...facts } = accepted(hello);
  expect(bytes).toEqual(encoder.encode(JSON.stringify(hello)));
  expect([...scanned.members.keys()]).toEqual(['model', 'messages']);
  expect(facts).toEqual({
    kind: 'chat',
    model: 'm',
    provider: undefined,
    stream: false,
    includeUsage: false,
    n: 1,
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

describe('a wrong field is a 400 that names it', () => {
  const message = (...messages: unknown[]): unknown => ({ ...hello, messages });
  test.each<[string, unknown]>([
    ['model', { messages: hello.messages }],
    ['model', { ...hello, model: 7 }],
    ['model', { ...hello, model: '' }],
    ['messages', { model: 'm' }],
    ['messages', { ...hello, messages: [] }],
    ['messages', { ...hello, messages: 'hello' }],
    ['messages[0]', message('hello')],
    ['messages[0].role', message({ content: 'x' })],
    ['messages[0].role', message({ role: 'wizard', content: 'x' })],
    ['messages[1].content', message(hello.messages[0], { role: 'user', content: 7 })],
    ['messages[0].content', message({ role: 'user', content: [] })],
    ['messages[0].content', message({ role: 'system', content: null })],
    ['messages[0].content[0].type', message({ role: 'user', content: [{ type: 'prompt_embeds', data: '' }] })],
    ['messages[0].content[1].text', message({ role: 'user', content: [{ type: 'text', text: 'x' }, { type: 'text' }] })],
    ['messages[0].content[0].type', message({ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://x' } }] })],
    ['messages[0].content[0].image_url', message({ role: 'user', content: [{ type: 'image_url', image_url: 'https://x' }] })],
    ['messages[0].content[0].image_url.url', message({ role: 'user', content: [{ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }] })],
    ['messages[0].tool_call_id', message({ role: 'tool', content: 'x' })],
    [
      'messages[0].tool_calls[0].function.arguments',
      message({ role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }] }),
    ],
    ['temperature', { ...hello, temperature: 2.1 }],
    ['temperature', { ...hello, temperature: -0.1 }],
    ['temperature', { ...hello, temperature: '1' }],
    ['top_p', { ...hello, top_p: 1.5 }],
    ['frequency_penalty', { ...hello, frequency_penalty: 3 }],
    ['max_tokens', { ...hello, max_tokens: -1 }],
    ['max_tokens', { ...hello, max_tokens: 0 }],
    ['max_tokens', { ...hello, max_tokens: 1.5 }],
    ['max_tokens', { ...hello, max_tokens: 1e9 }],
    ['max_tokens', { ...hello, max_tokens: 5, max_completion_tokens: 500 }],
    ['max_completion_tokens', { ...hello, max_completion_tokens: '5' }],
    ['n', { ...hello, n: 9 }],
    ['n', { ...hello, n: 1e9 }],
    ['n', { ...hello, n: 0 }],
    ['seed', { ...hello, seed: 1.5 }],
    ['seed', JSON.stringify(hello).replace('{', '{"seed":1e400,')],
    ['stop', { ...hello, stop: ['a', 'b', 'c', 'd', 'e'] }],
    ['stop', { ...hello, stop: 'x'.repeat(257) }],
    ['stop[1]', { ...hello, stop: ['a', 'x'.repeat(257)] }],
    ['stop[0]', { ...hello, stop: [7] }],
    ['logprobs', { ...hello, logprobs: 5 }],
    ['top_logprobs', { ...hello, logprobs: true, top_logprobs: 21 }],
    ['stream', { ...hello, stream: 'yes' }],
    ['stream_options', { ...hello, stream_options: { include_usage: true } }],
    ['stream_options.include_usage', { ...hello, stream: true, stream_options: { include_usage: 1 } }],
    ['logit_bias.7', { ...hello, logit_bias: { 7: 101 } }],
    ['logit_bias', { ...hello, logit_bias: Object.fromEntries(Array.from({ length: 1025 }, (_, id) => [id, 1])) }],
    ['tools', { ...hello, tools: Array.from({ length: 129 }, () => tool({})) }],
    ['tools[0].type', { ...hello, tools: [{ type: 'mcp', server_url: 'https://x' }] }],
    ['tools[0].function.name', { ...hello, tools: [{ type: 'function', function: {} }] }],
    ['tools[1].function.parameters', { ...hello, tools: [tool({}), tool(nest(17))] }],
    ['tools[0].function.parameters', { ...hello, tools: [tool({ description: 'x'.repeat(65 * 1024) })] }],
    ['functions[0].parameters', { ...hello, functions: [{ name: 'f', parameters: nest(17) }] }],
    ['response_format.type', { ...hello, response_format: { type: 'yaml' } }],
    ['response_format.json_schema.schema', { ...hello, response_format: { type: 'json_schema', json_schema: { name: 's', schema: nest(17) } } }],
    ['guided_json', { ...hello, guided_json: nest(17) }],
    ['metadata.k', { ...hello, metadata: { k: 1 } }],
    ['metadata', { ...hello, metadata: Object.fromEntries(Array.from({ length: 17 }, (_, key) => [key, 'x'])) }],
    ['provider.only[0]', { ...hello, provider: { only: [7] } }],
    ['provider', { ...hello, provider: { data_collection: 'deny' } }],
    ['top_k', { ...hello, top_k: 'many' }],
    ['return_token_ids', { ...hello, return_token_ids: 'yes' }],
  ])('%s', (param, body) => {
    const fault = refusal(body);
    expect(fault).toMatchObject({ code: 'invalid_request', param });
    expect(fault.detail).toMatch(/^`.+` is not valid: .+\.$/s);
  });

  test('and never quotes what the client wrote', () => {
    const secret = 'canary-7f3a';
    for (const body of [
      { ...hello, model: { secret } },
      { ...hello, temperature: secret },
      { ...hello, messages: [{ role: secret, content: secret }] },
      { ...hello, response_format: { type: secret } },
      { ...hello, tool_choice: secret },
      { ...hello, stop: { secret } },
      `{"model":"${secret}`,
    ]) {
      expect(JSON.stringify(refusal(body))).not.toContain(secret);
    }
  });
});

describe('limits are met exactly', () => {
  test.each<[unknown]>([
    [{ ...hello, n: 8, stop: ['x'.repeat(256)], top_logprobs: 20, logprobs: true, max_tokens: 1_000_000 }],
    [{ ...hello, tools: Array.from({ length: 128 }, () => tool({})) }],
    [{ ...hello, tools: [tool(nest(16))] }],
    [{ ...hello, max_tokens: 5, max_completion_tokens: 5 }],
    [{ ...hello, temperature: 2, top_p: 0 }],
  ])('%#', (body) => {
    expect(accepted(body).unknownFields).toEqual([]);
  });
});

describe('what could turn the gateway or an engine is refused by name', () => {
  test.each<[string, unknown]>([
    ['api_base', { api_base: 'https://x' }],
    ['apiBase', { apiBase: 'https://x' }],
    ['base_url', { base_url: 'https://x' }],
    ['user_config', { user_config: {} }],
    ['custom_host', { custom_host: 'x' }],
    ['proxy', { proxy: 'x' }],
    ['extra_headers', { extra_headers: {} }],
    ['metadata.litellm.api_base', { metadata: { litellm: { api_base: 'x' } } }],
    ['metadata.callback_url', { metadata: { callback_url: 'https://x' } }],
    ['metadata.deep.hookURL', { metadata: { deep: { hookURL: 'https://x' } } }],
    ['messages[0].base_url', { messages: [{ role: 'user', content: 'x', base_url: 'y' }] }],
    ['anything.a[1].user_config', { anything: { a: [1, { user_config: {} }] } }],
    ['tools[0].function.parameters.base_url', { tools: [tool({ base_url: 'x' })] }],
    ['tools[0].function.parameters.properties.a.api_base', { tools: [tool({ properties: { a: { api_base: 'x' } } })] }],
    ['chat_template', { chat_template: '{{ x }}' }],
    ['chat_template_kwargs.chat_template', { chat_template_kwargs: { chat_template: 'x' } }],
    ['chat_template_kwargs.enable_thinking', { chat_template_kwargs: { enable_thinking: { a: 1 } } }],
    ['cache_salt', { cache_salt: 'x' }],
    ['guided_regex', { guided_regex: '(a+)+' }],
    ['guided_grammar', { guided_grammar: 'x' }],
    ['structured_outputs.regex', { structured_outputs: { regex: 'x' } }],
    ['response_format.type', { response_format: { type: 'structural_tag', structures: [] } }],
    [
      'tools[0].custom.format',
      { tools: [{ type: 'custom', custom: { name: 'c', format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'x' } } } }] },
    ],
    ['prompt_logprobs', { prompt_logprobs: 5 }],
    ['best_of', { best_of: 2 }],
    ['n_predict', { n_predict: 1e9 }],
    ['bootstrap_host', { bootstrap_host: 'x' }],
    ['custom_logit_processor', { custom_logit_processor: 'x' }],
    ['id_slot', { id_slot: 3 }],
  ])('%s', (param, fields) => {
    expect(refusal({ ...hello, ...Object(fields) })).toMatchObject({ code: 'unsupported_parameter', param });
  });

  test('but not where the name is the user’s own', () => {
    const parameters = {
      type: 'object',
      properties: { proxy: { type: 'string' }, base_url: { type: 'string' }, properties: { type: 'object', properties: { api_key: {} } } },
      required: ['proxy'],
      $defs: { extra_headers: {} },
    };
    const request = accepted({
      ...hello,
      tools: [tool(parameters)],
      best_of: 1,
      chat_template_kwargs: { enable_thinking: false },
      response_format: { type: 'json_schema', json_schema: { name: 's', schema: parameters } },
    });
    expect(request.hasTools).toBe(true);
  });
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

describe('a body that is no single JSON object is invalid_json', () => {
  test.each(['', '{', 'null', '[]', '"x"', '{"model":"a","model":"b"}', '\ufeff{}', '{}{}', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`])(
    '%j',
    (text) => {
      expect(refusal(text)).toMatchObject({ code: 'invalid_json' });
    },
  );
  test('so is one that is not UTF-8', () => {
    const parsed = parseChatRequest(Uint8Array.of(...encoder.encode('{"model":"'), 0xff, ...encoder.encode('"}')));
    expect(parsed).toMatchObject({
      ok: false,
      failure: { code: 'invalid_json', detail: 'The JSON text is refused at byte 10: the text is not valid UTF-8.' },
    });
  });
});

test('fuzz: white space, escapes and spellings of numbers change nothing that is read', () => {
  const content = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.array(fc.record({ type: fc.constant('text'), text: fc.string() }), { minLength: 1, maxLength: 3 }),
  );
  const message = fc.record({ role: fc.constantFrom('user', 'system', 'assistant'), content });
  const optional = {
    n: fc.integer({ min: 1, max: 8 }),
    stream: fc.boolean(),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    seed: fc.maxSafeInteger(),
    stop: fc.array(fc.string({ maxLength: 20 }), { maxLength: 4 }),
    top_k: fc.integer({ min: -1, max: 99 }),
    colour: fc.jsonValue({ maxDepth: 2 }),
  };
  const request = fc.record(
    { model: fc.string({ minLength: 1, maxLength: 64 }), messages: fc.array(message, { minLength: 1, maxLength: 5 }), ...optional },
    { requiredKeys: ['model', 'messages'] },
  );
  fc.assert(
    fc.property(
      request.chain((body) => jsonText(fc.constant(body)).map(({ text }) => ({ body, text }))),
      ({ body, text }) => {
        const { bytes: _bytes, scanned: _scanned, ...read } = accepted(text);
        const { bytes: _plainBytes, scanned: _plainScanned, ...plain } = accepted(body);
        expect(read).toEqual(plain);
        expect(read).toMatchObject({
          model: body.model,
          n: body.n ?? 1,
          stream: body.stream ?? false,
          seed: body.seed,
          stop: (body.stop ?? []).filter((sequence) => sequence !== ''),
          unknownFields: Object.hasOwn(body, 'colour') ? ['colour'] : [],
          extensionFields: Object.hasOwn(body, 'top_k') ? ['top_k'] : [],
          messageCharacters: body.messages
            .flatMap(({ content: parts }) => (typeof parts === 'string' ? [parts] : parts.map((part) => part.text)))
            .join('').length,
        });
      },
    ),
    { numRuns: 500 },
  );
});

const parsers = [parseChatRequest, parseCompletionRequest, parseEmbeddingRequest];

test('fuzz: arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      for (const parse of parsers) expect(parse(bytes).ok).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('fuzz: arbitrary JSON under the names that are read never throws, and what is accepted keeps its bytes', () => {
  const names = [
    'model',
    'messages',
    'prompt',
    'input',
    'stream',
    'stop',
    'n',
    'tools',
    'functions',
    'response_format',
    'provider',
    'metadata',
    'logit_bias',
    'seed',
    'temperature',
    'chat_template_kwargs',
    'stream_options',
    'max_tokens',
    'top_k',
    '__proto__',
  ];
  const likely = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom<unknown>('m', [{ role: 'user', content: 'x' }], [1, 2], true, null, 1) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  );
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.constantFrom(...names), likely), { selector: ([name]) => name }), jsonObjectText(), (entries, other) => {
      for (const text of [JSON.stringify(Object.fromEntries(entries)), other.text]) {
        const bytes = encoder.encode(text);
        for (const parse of parsers) {
          const parsed = parse(bytes);
          const kept = parsed.ok ? new TextDecoder().decode(parsed.value.bytes) : text;
          expect(kept).toBe(text);
          expect(parsed.ok ? 0 : faultMessage(parsed.failure).length).toBeLessThan(1000);
        }
      }
    }),
    { numRuns: 1000 },
  );
});
