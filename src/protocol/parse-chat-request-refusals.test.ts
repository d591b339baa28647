import { describe, expect, test } from 'vitest';
import { parseChatRequest } from './parse-chat-request.ts';
import { accepted, hello, refusal } from './testing/judge-chat-body.ts';

const encoder = new TextEncoder();
const nest = (levels: number): unknown => (levels === 0 ? 1 : { a: nest(levels - 1) });
const tool = (parameters: unknown): unknown => ({ type: 'function', function: { name: 'f', parameters } });

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
