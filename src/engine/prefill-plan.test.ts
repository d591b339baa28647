import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextPart, reusableCells } from './prefill-plan.ts';

const history = fc
  .record({ tokens: fc.array(fc.nat(2), { minLength: 1, maxLength: 12 }), prompt: fc.integer({ min: 1, max: 12 }) })
  .map(({ tokens, prompt }) => ({ tokens, prompt: Math.min(prompt, tokens.length) }));

test('a kept cell holds the same token, computed in the same way', () => {
  fc.assert(
    fc.property(history, history, (old, wanted) => {
      const kept = reusableCells(old, wanted);
      for (let index = 0; index < kept; index++) {
        expect(old.tokens[index]).toBe(wanted.tokens[index]);
        expect(index < old.prompt).toBe(index < wanted.prompt);
      }
    }),
    { numRuns: 2000 },
  );
});

test('something is left to evaluate, and of a prompt at least two tokens', () => {
  fc.assert(
    fc.property(history, history, (old, wanted) => {
      const kept = reusableCells(old, wanted);
      expect(kept).toBeLessThan(wanted.tokens.length);
      expect(kept >= wanted.prompt || wanted.prompt === 1 || wanted.prompt - kept >= 2).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('an equal longer conversation keeps the whole earlier prompt', () => {
  const prompt = [1, 2, 3, 4, 5];
  expect(reusableCells({ tokens: [...prompt, 8, 9], prompt: 5 }, { tokens: [...prompt, 8, 9, 7, 7], prompt: 9 })).toBe(5);
  expect(reusableCells({ tokens: [...prompt, 8, 9], prompt: 5 }, { tokens: [...prompt, 8, 9, 4], prompt: 5 })).toBe(7);
});

test('no part of a prompt is one token alone, and the parts add up', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 600 }), fc.integer({ min: 1, max: 100 }), (prompt, most) => {
      for (let left = prompt; left > 0;) {
        const part = nextPart(left, most);
        expect(part).toBeGreaterThanOrEqual(2);
        expect(part).toBeLessThanOrEqual(Math.max(most, 3));
        left -= part;
        expect(left).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
