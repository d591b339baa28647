import { expect, test } from 'vitest';
import { assembleMessage } from './assemble-message.ts';

const identity = { id: 'msg_1', model: 'm', stops: ['STOP'] };

function messageOf(choice: object, more: object = {}): unknown {
  const body = new TextEncoder().encode(JSON.stringify({ id: 'x', created: 1, model: 'up', choices: [{ index: 0, ...choice }], ...more }));
  return JSON.parse(assembleMessage(body, identity) ?? 'null');
}

test('reasoning, text and calls are blocks of one message, with usage as Anthropic counts it', () => {
  const message = {
    role: 'assistant',
    reasoning_content: 'hm',
    reasoning_signature: 's',
    content: 'I ask.',
    tool_calls: [
      { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
      { id: 'b', type: 'function', function: { name: 'g', arguments: '' } },
    ],
  };
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 5,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 2 },
  };
  expect(messageOf({ message, finish_reason: 'tool_calls' }, { usage })).toEqual({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'text', text: 'I ask.', citations: null },
      { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 }, caller: { type: 'direct' } },
      { type: 'tool_use', id: 'b', name: 'g', input: {}, caller: { type: 'direct' } },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    stop_details: null,
    container: null,
    usage: {
      input_tokens: 6,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 4,
      output_tokens: 5,
      output_tokens_details: { thinking_tokens: 2 },
    },
  });
});

test.each([
  [{ finish_reason: 'stop' }, { stop_reason: 'end_turn', stop_sequence: null }],
  [{ finish_reason: 'length' }, { stop_reason: 'max_tokens' }],
  [{ finish_reason: 'content_filter' }, { stop_reason: 'refusal' }],
])('%j', (choice, expected) => {
  expect(messageOf({ message: { role: 'assistant', content: 'a' }, ...choice })).toMatchObject(expected);
});

test('a refusal is text that stops as one', () => {
  expect(messageOf({ message: { role: 'assistant', content: null, refusal: 'no' }, finish_reason: 'stop' })).toMatchObject({
    content: [{ type: 'text', text: 'no' }],
    stop_reason: 'refusal',
  });
});

test('what is no chat answer makes no message', () => {
  expect(assembleMessage(new TextEncoder().encode('{"data":[]}'), identity)).toBeUndefined();
});
