import { expect, test } from 'vitest';
import { defaultRequestLimits } from '../request-limits.ts';
import { parseResponsesRequest, toChatRequest } from './parse-responses-request.ts';

function chatOf(body: object): Record<string, unknown> {
  const read = parseResponsesRequest(new TextEncoder().encode(JSON.stringify({ model: 'm', input: 'hi', ...body })), defaultRequestLimits);
  if (!read.ok) throw new Error(read.failure.detail);
  const chat = toChatRequest(read.value, [], defaultRequestLimits);
  if (!chat.ok) throw new Error(chat.failure.detail);
  return JSON.parse(new TextDecoder().decode(chat.value.bytes));
}

test('the least that can be asked is asked in chat', () => {
  expect(chatOf({})).toEqual({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
});

test('what an assistant thought, said and called in a row is one message, and a new turn begins a new one', () => {
  const input = [
    { role: 'developer', content: 'be brief' },
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'look' },
        { type: 'input_image', image_url: 'https://e/i.png', detail: 'low' },
      ],
    },
    { type: 'reasoning', id: 'rs', summary: [], content: [{ type: 'reasoning_text', text: 'hm' }], encrypted_content: 's' },
    { type: 'message', id: 'msg', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'I ask.', annotations: [] }] },
    { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
    { type: 'function_call', call_id: 'b', name: 'g', arguments: '{}' },
    { type: 'function_call_output', call_id: 'a', output: 'rain' },
    { type: 'function_call_output', call_id: 'b', output: [{ type: 'input_text', text: 'sun' }] },
    { role: 'assistant', content: 'Rain.' },
    { role: 'assistant', content: 'And sun.' },
  ];
  expect(chatOf({ input, instructions: 'answer' })['messages']).toEqual([
    { role: 'system', content: 'answer' },
    { role: 'developer', content: 'be brief' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'look' },
        { type: 'image_url', image_url: { url: 'https://e/i.png', detail: 'low' } },
      ],
    },
    {
      role: 'assistant',
      content: 'I ask.',
      reasoning_content: 'hm',
      reasoning_signature: 's',
      tool_calls: ['a', 'b'].map((id, index) => ({ id, type: 'function', function: { name: 'fg'[index], arguments: '{}' } })),
    },
    { role: 'tool', tool_call_id: 'a', content: 'rain' },
    { role: 'tool', tool_call_id: 'b', content: 'sun' },
    { role: 'assistant', content: 'Rain.' },
    { role: 'assistant', content: 'And sun.' },
  ]);
});

test('what shapes the answer has its name in chat', () => {
  const schema = { type: 'object', properties: {} };
  expect(
    chatOf({
      max_output_tokens: 9,
      temperature: 0.5,
      top_logprobs: 2,
      include: ['message.output_text.logprobs'],
      reasoning: { effort: 'low', summary: 'auto' },
      text: { verbosity: 'low', format: { type: 'json_schema', name: 'a', schema, strict: true } },
      tools: [{ type: 'function', name: 'f', parameters: schema, strict: null }],
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
      parallel_tool_calls: false,
      metadata: { a: 'b' },
      store: false,
      stream: true,
    }),
  ).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    max_tokens: 9,
    temperature: 0.5,
    logprobs: true,
    top_logprobs: 2,
    reasoning_effort: 'low',
    verbosity: 'low',
    response_format: { type: 'json_schema', json_schema: { name: 'a', schema, strict: true } },
    tools: [{ type: 'function', function: { name: 'f', parameters: schema } }],
    tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] } },
    parallel_tool_calls: false,
    stream: true,
    stream_options: { include_usage: true },
  });
});
