import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codePoints } from './code-points.ts';
import { replayable } from './testing/replayable.ts';

test('it counts as iterating over a text does, lone surrogates included', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'é', '😀', '\ud83d', '\ude00', '\u2028')), (parts) => {
      const text = parts.join('');
      expect(codePoints(text)).toBe(Array.from(text).length);
    }),
    replayable('src/std/code-points.test.ts', 300),
  );
});
