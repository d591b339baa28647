import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ToolCallParser, type ToolCallEvent } from './tool-call-parser.ts';

interface Read {
  calls: { name: string; arguments: string }[];
  text: string;
  order: number[];
}

function read(pieces: readonly string[]): Read {
  const parser = new ToolCallParser();
  const events: ToolCallEvent[] = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
  const result: Read = { calls: [], text: '', order: [] };
  for (const event of events) {
    if (event.kind === 'text') result.text += event.text;
    else if (event.kind === 'call') {
      result.order.push(event.index);
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

const parsed = (text: string): unknown => JSON.parse(text);

test('calls come out whole, however their text is cut', () => {
  const call = fc.record({ name: fc.string({ minLength: 1 }), arguments: fc.dictionary(fc.string(), fc.jsonValue()) });
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(8), { minLength: 1 }), (calls, sizes) => {
      const body = calls.map((one) => `\n${JSON.stringify(one)}\n</tool_call>`).join('\n<tool_call>');
      const found = read(cut(body, sizes));
      expect(found.calls.map((one) => ({ name: one.name, arguments: parsed(one.arguments) }))).toEqual(JSON.parse(JSON.stringify(calls)));
      expect(found.text).toBe('');
      expect(found.order).toEqual(calls.map((_, index) => index));
    }),
  );
});

test('arguments before the name are read when the call is complete', () => {
  const found = read(['{"arguments": {"a": [1, 2]}, "na', 'me": "f"}</tool_call>']);
  expect(found.calls).toEqual([{ name: 'f', arguments: '{"a":[1,2]}' }]);
});

test('what is no call stays text', () => {
  expect(read(['oops</tool_call>'])).toMatchObject({ calls: [], text: '<tool_call>oops</tool_call>' });
  expect(read(['{"name": 3'])).toMatchObject({ calls: [], text: '<tool_call>{"name": 3' });
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
