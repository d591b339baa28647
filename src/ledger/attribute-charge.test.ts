import fc from 'fast-check';
import { expect, it } from 'vitest';
import { attributeCharge } from './attribute-charge.ts';

const tokens = fc.nat({ max: 1e9 });
const segments = fc.array(fc.record({ outputTokens: fc.nat({ max: 1e6 }), characters: fc.nat({ max: 1e6 }) }), { minLength: 1, maxLength: 6 });

it('the parts of a charge are never negative and add up to it exactly', () => {
  fc.assert(
    fc.property(tokens, tokens, segments, (inputTokens, outputTokens, weights) => {
      const parts = attributeCharge({ inputTokens, outputTokens, usd: 1 }, weights);
      expect(parts).toHaveLength(weights.length);
      expect(parts.reduce((sum, part) => sum + part.inputTokens, 0)).toBe(inputTokens);
      expect(parts.reduce((sum, part) => sum + part.outputTokens, 0)).toBe(outputTokens);
      expect(parts.reduce((sum, part) => sum + (part.usd ?? 0), 0)).toBeCloseTo(1, 9);
      for (const part of parts) expect(Math.min(part.inputTokens, part.outputTokens)).toBeGreaterThanOrEqual(0);
    }),
  );
});

it('a segment bears its part within one token', () => {
  fc.assert(
    fc.property(tokens, segments, (outputTokens, weights) => {
      const sum = weights.reduce((total, weight) => total + weight.outputTokens, 0);
      fc.pre(sum > 0);
      attributeCharge({ inputTokens: 0, outputTokens, usd: undefined }, weights).forEach((part, index) => {
        const exact = outputTokens * ((weights[index]?.outputTokens ?? 0) / sum);
        expect(Math.abs(part.outputTokens - exact)).toBeLessThan(1.001);
        expect(part.usd).toBeUndefined();
      });
    }),
  );
});

it('characters decide where no tokens were counted, and parts are even where there are none', () => {
  const total = { inputTokens: 8, outputTokens: 4, usd: 2 };
  expect(
    attributeCharge(total, [
      { outputTokens: 0, characters: 3 },
      { outputTokens: 0, characters: 1 },
    ]),
  ).toEqual([
    { inputTokens: 6, outputTokens: 3, usd: 1.5 },
    { inputTokens: 2, outputTokens: 1, usd: 0.5 },
  ]);
  expect(
    attributeCharge(total, [
      { outputTokens: 0, characters: 0 },
      { outputTokens: 0, characters: 0 },
    ]),
  ).toEqual([
    { inputTokens: 4, outputTokens: 2, usd: 1 },
    { inputTokens: 4, outputTokens: 2, usd: 1 },
  ]);
});
