import { expect, test } from 'vitest';
import fc from 'fast-check';
import { replayable } from '../../std/testing/replayable.ts';
import { toMessagesRequest } from './to-messages-request.ts';

function translated(body: object): Record<string, unknown> {
  const result = toMessagesRequest({ model: 'm', messages: [{ role: 'user', content: 'hello' }], ...body });
  if (!result.ok) throw new Error(`${result.failure.path} ${result.failure.what}`);
  return result.value;
}

test('the least request gets the bound that the API demands', () => {
  expect(translated({})).toEqual({ model: 'm', max_tokens: 4096, messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }] });
});

test('system messages are gathered at the beginning, wherever they stand', () => {
  const messages = [
    { role: 'system', content: 'one' },
    { role: 'user', content: 'hello' },
    { role: 'developer', content: [{ type: 'text', text: 'two', cache_control: { type: 'ephemeral' } }] },
  ];
  expect(translated({ messages })).toMatchObject({
    system: [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two', cache_control: { type: 'ephemeral' } },
    ],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
  });
});

test('results of parallel calls stand together in one turn, with thinking and its signature before the calls', () => {
  const call = (id: string, args: string): object => ({ id, type: 'function', function: { name: 'weather', arguments: args } });
  const messages = [
    { role: 'user', content: 'hello' },
    {
      role: 'assistant',
      content: null,
      reasoning_content: 'hm',
      reasoning_signature: 's',
      tool_calls: [call('a', '{"city":"Rome"}'), call('b', '')],
    },
    { role: 'tool', tool_call_id: 'a', content: 'sunny' },
    { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'wet' }] },
    { role: 'user', content: 'so?' },
  ];
  expect(translated({ messages })['messages']).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'hello' }] },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Rome' } },
        { type: 'tool_use', id: 'b', name: 'weather', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'sunny' }] },
        { type: 'tool_result', tool_use_id: 'b', content: [{ type: 'text', text: 'wet' }] },
        { type: 'text', text: 'so?' },
      ],
    },
  ]);
});

test('images pass by address or as data, and are never fetched', () => {
  const urls = ['https://x.example/i.png', 'data:image/PNG;base64,aGk='];
  const content = urls.map((url) => ({ type: 'image_url', image_url: { url } }));
  expect(translated({ messages: [{ role: 'user', content }] })['messages']).toEqual([
    {
      role: 'user',
      content: [
        { type: 'image', source: { type: 'url', url: 'https://x.example/i.png' } },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
      ],
    },
  ]);
});

const tools = [{ type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true } }];

test.each([
  ['none', { type: 'none' }],
  ['auto', { type: 'auto' }],
  ['required', { type: 'any' }],
  [
    { type: 'function', function: { name: 'f' } },
    { type: 'tool', name: 'f' },
  ],
])('the choice of tools %j becomes %j', (given, told) => {
  expect(translated({ tools, tool_choice: given })).toMatchObject({
    tools: [{ name: 'f', description: 'd', input_schema: { type: 'object' }, strict: true }],
    tool_choice: told,
  });
});

test('one call at a time, a schema, effort and stops have words of their own', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  const body = {
    tools,
    parallel_tool_calls: false,
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
    reasoning_effort: 'high',
    stop: 'END',
    max_completion_tokens: 7,
    top_k: 3,
    user: 'u',
    stream: true,
  };
  expect(translated(body)).toMatchObject({
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    output_config: { format: { type: 'json_schema', schema }, effort: 'high' },
    stop_sequences: ['END'],
    max_tokens: 7,
    top_k: 3,
    metadata: { user_id: 'u' },
    stream: true,
  });
});

test('no text of a conversation is lost or moved between its sides', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  const message = fc.record({ role: fc.constantFrom('user', 'assistant'), content: fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })) });
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (conversation) => {
      const messages = conversation.map(({ role, content }) => ({
        role,
        content: typeof content === 'string' ? content : content.map((said) => ({ type: 'text', text: said })),
      }));
      const told = translated({ messages })['messages'];
      for (const side of ['user', 'assistant']) expect(textOf(told, side)).toBe(textOf(messages, side));
    }),
    replayable('src/protocol/anthropic-upstream/to-messages-request.test.ts', 300),
  );
});

function textOf(list: unknown, side: string): string {
  if (!Array.isArray(list)) return '';
  return list
    .filter((turn) => turn.role === side)
    .flatMap((turn) => (typeof turn.content === 'string' ? [turn.content] : turn.content.map((block: { text: string }) => block.text)))
    .join('');
}
