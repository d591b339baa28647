import { expect, test } from 'vitest';
import { streamFromWhole } from './stream-from-whole.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a whole chat answer becomes its message, its finish reason and its usage, each number as it was written', () => {
  const chunks = streamFromWhole(
    'chat',
    bytes(
      '{"id":"x","object":"chat.completion","created":7,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"hi","odd":1.0},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
    ),
  );
  expect(chunks).toEqual([
    '{"id":"x","created":7,"model":"up","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"hi","odd":1.0},"finish_reason":null}]}',
    '{"id":"x","created":7,"model":"up","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
    '{"id":"x","created":7,"model":"up","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
  ]);
});

test('tool calls get the index that a stream needs', () => {
  const chunks = streamFromWhole(
    'chat',
    bytes('{"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","function":{}},{"id":"b","function":{}}]},"finish_reason":"tool_calls"}]}'),
  );
  expect(JSON.parse(chunks?.[0] ?? '{}').choices[0].delta.tool_calls).toEqual([
    { id: 'a', function: {}, index: 0 },
    { id: 'b', function: {}, index: 1 },
  ]);
});

test('raw completions keep their text', () => {
  const chunks = streamFromWhole('completions', bytes('{"choices":[{"index":0,"text":"a","finish_reason":"length"}]}'));
  expect(chunks?.map((chunk) => JSON.parse(chunk).choices[0])).toEqual([
    { index: 0, text: 'a', finish_reason: null },
    { index: 0, text: '', finish_reason: 'length' },
  ]);
});

test.each(['', '[]', '{}', '{"choices":[]}', '{"choices":[{"index":0}]}'])('%s is no answer', (text) => {
  expect(streamFromWhole('chat', bytes(text))).toBeUndefined();
});
