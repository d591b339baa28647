import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ToolCallParser, type ToolCallEvent } from './tool-call-parser.ts';

interface Read {
  calls: { name: string; arguments: string }[];
  text: string;
}

function read(pieces: readonly string[]): Read {
  const parser = new ToolCallParser();
  const events: ToolCallEvent[] = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
  const result: Read = { calls: [], text: '' };
  for (const event of events) {
    if (event.kind === 'text') result.text += event.text;
    else if (event.kind === 'call') {
      expect(event.index).toBe(result.calls.length);
      result.calls.push({ name: event.name, arguments: '' });
    } else {
      const call = result.calls[event.index];
      if (call !== undefined) call.arguments += event.text;
    }
  }
  return result;
}

function cut(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, index = 0; at < text.length; index++) {
    const size = 1 + ((sizes[index % sizes.length] ?? 0) % 9);
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}

test('calls come out whole, however their text is cut', () => {
  const call = fc.record({ name: fc.string({ minLength: 1 }), arguments: fc.dictionary(fc.string(), fc.jsonValue()) });
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(8), { minLength: 1 }), (calls, sizes) => {
      const body = calls.map((one) => `\n${JSON.stringify(one)}\n</tool_call>`).join('\n<tool_call>');
      const parsed = read(cut(body, sizes));
      expect(parsed.calls.map((one) => ({ name: one.name, arguments: JSON.parse(one.arguments) as unknown }))).toEqual(
        JSON.parse(JSON.stringify(calls)),
      );
      expect(parsed.text).toBe('');
    }),
  );
});

test('arguments before the name are read when the call is complete', () => {
  const parsed = read(['{"arguments": {"a": [1, 2]}, "na', 'me": "f"}</tool_call>']);
  expect(parsed.calls).toEqual([{ name: 'f', arguments: '{"a":[1,2]}' }]);
});

test('what is no call stays text', () => {
  expect(read(['oops</tool_call>'])).toEqual({ calls: [], text: '<tool_call>oops</tool_call>' });
  expect(read(['{"name": 3'])).toEqual({ calls: [], text: '<tool_call>{"name": 3' });
});

test('arguments stream before the call is complete', () => {
  const parser = new ToolCallParser();
  const events = parser.push('{"name": "f", "arguments": {"city": "Par');
  expect(events).toEqual([
    { kind: 'call', index: 0, name: 'f' },
    { kind: 'arguments', index: 0, text: '{"city": "Par' },
  ]);
  expect(parser.push('is"}}\n</tool_call>')).toEqual([{ kind: 'arguments', index: 0, text: 'is"}' }]);
});
