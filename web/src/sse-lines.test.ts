import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SseLines } from './sse-lines.ts';

function decode(pieces: readonly string[]): readonly string[] {
  const lines = new SseLines();
  return pieces.flatMap((piece) => {
    const result = lines.push(piece);
    if (result.kind === 'too-large') throw new Error('too large');
    return result.data;
  });
}

test('comments, other fields and empty events are not data', () => {
  expect(decode([': ping\n\nevent: x\nid: 1\ndata: one\n\n\n\ndata:two\ndata\n\n'])).toEqual(['one', 'two\n']);
});

test('an event that was cut before its blank line is never given out', () => {
  expect(decode(['data: one\n\ndata: [DONE]\n'])).toEqual(['one']);
});

test('a byte order mark is skipped only at the very start', () => {
  expect(decode(['\uFEFFdata: one\n\n', '\uFEFFdata: two\n\n'])).toEqual(['one']);
});

test('an endless line is refused instead of kept', () => {
  const lines = new SseLines();
  lines.push('data: ');
  expect(lines.push('x'.repeat(1_100_000)).kind).toBe('too-large');
});

test('endless data lines of one event are refused instead of kept', () => {
  const lines = new SseLines();
  expect(lines.push(`data: ${'x'.repeat(1_000)}\n`.repeat(1_100)).kind).toBe('too-large');
});

test('the events are the same however the bytes are cut and whichever line ends are used', () => {
  const data = fc.array(fc.string({ unit: fc.constantFrom('a', ' ', ':', '칩', '🧩', '{', '"') }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(data, { maxLength: 6 }), fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(200)), (events, end, cuts) => {
      const stream = events.map((lines) => lines.map((line) => `data: ${line}${end}`).join('') + end).join('');
      const places = [...new Set(cuts.map((cut) => Math.min(cut, stream.length)))].toSorted((a, b) => a - b);
      const pieces = [0, ...places].map((from, index) => stream.slice(from, places[index] ?? stream.length));
      // One more line settles a held-back CR, as the next event would.
      expect(decode([...pieces, ': end\n'])).toEqual(events.map((lines) => lines.join('\n')));
    }),
  );
});
