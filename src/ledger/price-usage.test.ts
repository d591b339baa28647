import { expect, it } from 'vitest';
import { priceUsage } from './price-usage.ts';

const price = { inputUsdPerMtok: 2, cachedInputUsdPerMtok: 0.5, outputUsdPerMtok: 8 };

it('cached tokens cost their own price, the rest of the input the full one', () => {
  expect(priceUsage({ inputTokens: 1_000_000, cachedInputTokens: 400_000, outputTokens: 250_000, source: 'upstream' }, price)).toBeCloseTo(
    1.2 + 0.2 + 2,
    12,
  );
});

it('an unknown price is unknown, a price of zero is zero', () => {
  const usage = { inputTokens: 10, cachedInputTokens: 0, outputTokens: 10, source: 'counted' } as const;
  expect(priceUsage(usage, undefined)).toBeUndefined();
  expect(priceUsage(usage, { inputUsdPerMtok: 0, cachedInputUsdPerMtok: 0, outputUsdPerMtok: 0 })).toBe(0);
});

it('more cached tokens than input tokens never make a negative price', () => {
  expect(priceUsage({ inputTokens: 10, cachedInputTokens: 1000, outputTokens: 0, source: 'upstream' }, price)).toBeCloseTo(5e-6, 12);
});

it('reasoning is a part of the output and counted once, at its own price where it has one; a request may cost something besides', () => {
  const usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 1_000_000, reasoningTokens: 250_000, source: 'upstream' } as const;
  expect(priceUsage(usage, price)).toBe(8);
  expect(priceUsage(usage, { ...price, reasoningUsdPerMtok: 20, usdPerRequest: 0.5 })).toBe(6 + 5 + 0.5);
  expect(priceUsage({ ...usage, reasoningTokens: 9_000_000 }, { ...price, reasoningUsdPerMtok: 20 })).toBe(20);
});
