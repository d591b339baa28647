import { expect, test } from 'vitest';
import { defaultRequestLimits } from '../request-limits.ts';
import { parseMessagesRequest } from './parse-messages-request.ts';

const question = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };

function parse(body: object, declared: readonly string[] = []): ReturnType<typeof parseMessagesRequest> {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  return parseMessagesRequest(bytes, defaultRequestLimits, (_model, field) => declared.includes(field));
}

function chatOf(changed: object, declared: readonly string[] = []): Record<string, unknown> {
  const parsed = parse({ ...question, ...changed }, declared);
  if (!parsed.ok) throw new Error(parsed.failure.detail);
  return JSON.parse(new TextDecoder().decode(parsed.value.bytes));
}

test('the least that can be asked is asked in chat', () => {
  expect(chatOf({})).toEqual(question);
});

test('a conversation with tools comes out as calls and results, the results first', () => {
  const messages = [
    { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 's1' },
        { type: 'text', text: 'I ask.' },
        { type: 'tool_use', id: 'a', name: 'f', input: { proxy: 1 } },
        { type: 'tool_use', id: 'b', name: 'g', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'a', content: 'rain' },
        {
          type: 'tool_result',
          tool_use_id: 'b',
          content: [
            { type: 'text', text: 'x' },
            { type: 'image', source: { type: 'url', url: 'https://e/i.png' } },
          ],
        },
        { type: 'text', text: 'and?' },
      ],
    },
  ];
  expect(chatOf({ system: [{ type: 'text', text: 'be brief', cache_control: { type: 'ephemeral', ttl: '1h' } }], messages })['messages']).toEqual([
    { role: 'system', content: [{ type: 'text', text: 'be brief', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
    { role: 'user', content: 'weather?' },
    {
      role: 'assistant',
      content: 'I ask.',
      reasoning_content: 'hm',
      reasoning_signature: 's1',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"proxy":1}' } },
        { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'a', content: 'rain' },
    {
      role: 'tool',
      tool_call_id: 'b',
      content: [
        { type: 'text', text: 'x' },
        { type: 'image_url', image_url: { url: 'https://e/i.png' } },
      ],
    },
    { role: 'user', content: 'and?' },
  ]);
});

test('images and documents pass as they are, and nothing is fetched', () => {
  const content = [
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
    { type: 'document', title: 'T', source: { type: 'text', media_type: 'text/plain', data: 'body' } },
    { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'BBBB' } },
  ];
  expect(chatOf({ messages: [{ role: 'user', content }] })['messages']).toEqual([
    {
      role: 'user',
      content: [
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        { type: 'text', text: 'T' },
        { type: 'text', text: 'body' },
        { type: 'file', file: { filename: 'document.pdf', file_data: 'data:application/pdf;base64,BBBB' } },
      ],
    },
  ]);
});

test.each([
  [{ type: 'auto' }, { tool_choice: 'auto' }],
  [
    { type: 'any', disable_parallel_tool_use: true },
    { tool_choice: 'required', parallel_tool_calls: false },
  ],
  [{ type: 'tool', name: 'f' }, { tool_choice: { type: 'function', function: { name: 'f' } } }],
  [{ type: 'none' }, { tool_choice: 'none' }],
])('tool_choice %j', (choice, expected) => {
  const tools = [{ name: 'f', description: 'd', input_schema: { type: 'object', properties: { proxy: { type: 'string' } } }, strict: true }];
  expect(chatOf({ tools, tool_choice: choice })).toMatchObject({
    ...expected,
    tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: tools[0]?.input_schema, strict: true } }],
  });
});

test('what shapes the answer has its name in chat', () => {
  const asked = { temperature: 0.5, top_p: 0.9, top_k: 5, stop_sequences: ['x'], metadata: { user_id: 'u' }, stream: true };
  expect(chatOf(asked)).toMatchObject({
    temperature: 0.5,
    top_p: 0.9,
    top_k: 5,
    stop: ['x'],
    user: 'u',
    stream: true,
    stream_options: { include_usage: true },
  });
  const schema = { type: 'object', properties: {} };
  expect(chatOf({ output_config: { effort: 'low', format: { type: 'json_schema', schema } } })).toMatchObject({
    reasoning_effort: 'low',
    response_format: { type: 'json_schema', json_schema: { schema, strict: true } },
  });
});

test('thinking goes as it came where an endpoint declares it, and as an effort elsewhere', () => {
  const thinking = { type: 'enabled', budget_tokens: 8000 };
  expect(chatOf({ thinking }, ['thinking'])).toMatchObject({ thinking });
  expect(chatOf({ thinking })).toMatchObject({ reasoning_effort: 'medium' });
  expect(chatOf({ thinking })).not.toHaveProperty('thinking');
  expect(chatOf({ thinking: { type: 'disabled' } })).toEqual(question);
});

test.each([
  [{ max_tokens: undefined }, 'max_tokens'],
  [{ messages: [] }, 'messages'],
  [
    { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'file:///etc/passwd' } }] }] },
    'messages[0].content[0].source.url',
  ],
  [{ messages: [{ role: 'user', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] }] }, 'messages[0].content[0].type'],
  [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'tools[0].type'],
  [{ stop_sequences: ['1', '2', '3', '4', '5'] }, 'stop_sequences'],
  [{ stop_sequences: ['x'.repeat(300)] }, 'stop_sequences[0]'],
  [{ tools: [{ name: 'f', input_schema: { type: 'object', properties: { a: { $ref: 'http://x' } } } }], container: 'c' }, 'container'],
  [{ mcp_servers: [{ url: 'http://x' }] }, 'mcp_servers'],
  [{ temperature: 1.5 }, 'temperature'],
])('%j is refused by the client’s own name of the field', (changed, param) => {
  const parsed = parse({ ...question, ...changed });
  expect(parsed).toMatchObject({ ok: false, failure: { param } });
  expect(parsed.ok ? '' : parsed.failure.detail).toContain(`\`${param}\``);
});

test('a null stands for absent', () => {
  const nothing = { system: null, tools: null, tool_choice: null, thinking: null, metadata: null, stream: null, container: null };
  expect(chatOf(nothing)).toEqual(question);
});
