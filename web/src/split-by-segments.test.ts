import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitBySegments } from './split-by-segments.ts';

test('a character outside the basic plane counts once and is never cut in two', () => {
  expect(splitBySegments('a🧩b칩', [{ characters: 2 }, { characters: 2 }])).toEqual([
    { text: 'a🧩', segment: 0 },
    { text: 'b칩', segment: 1 },
  ]);
});

test('text that no segment claims is kept and claimed by none', () => {
  expect(splitBySegments('abc', [{ characters: 1 }])).toEqual([
    { text: 'a', segment: 0 },
    { text: 'bc', segment: undefined },
  ]);
});

test('a segment without text leaves no piece', () => {
  expect(splitBySegments('ab', [{ characters: 0 }, { characters: 2 }])).toEqual([{ text: 'ab', segment: 1 }]);
});

test('no text is ever lost, doubled or moved, whatever the lengths say', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.record({ characters: fc.nat(12) })), (text, segments) => {
      const pieces = splitBySegments(text, segments);
      expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      for (const { text: part, segment } of pieces) {
        expect(Array.from(part).length).toBeLessThanOrEqual(segment === undefined ? Infinity : (segments[segment]?.characters ?? 0));
      }
    }),
  );
});
