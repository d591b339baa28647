import fc from 'fast-check';
import { expect, test } from 'vitest';
import { billWithin } from './bill-within.ts';
import { dearestOf, mostInputTokens, worstCase } from './worst-case.ts';
import { priceUsage } from '../ledger/price-usage.ts';
import { replayable } from '../std/testing/replayable.ts';
import { toNanoUsd } from './nano-usd.ts';

const size = { bodyBytes: 1000, textCharacters: 900, mediaParts: 0, mostOutputTokens: 100, rateTokens: 50 };
const cheap = { inputUsdPerMtok: 1, cachedInputUsdPerMtok: 0.5, outputUsdPerMtok: 2 };
const dear = { inputUsdPerMtok: 2, cachedInputUsdPerMtok: 1, outputUsdPerMtok: 1, reasoningUsdPerMtok: 8, usdPerRequest: 0.01 };

test('a prompt is at most as many tokens as its body has bytes; media are not counted by their bytes', () => {
  expect(mostInputTokens(size, 500)).toBe(1000);
  expect(mostInputTokens({ ...size, bodyBytes: 1_000_000, textCharacters: 100, mediaParts: 2 }, 500)).toBe(300 + 1000);
});

test('each part of a request is taken at the dearest price of all that could serve it', () => {
  expect(worstCase(size, 0, dearestOf([cheap, dear]))).toEqual({
    mostTokens: 1100,
    mostNanoUsd: (1000 * 2 + 100 * 8) * 1000 + 10_000_000,
    rateTokens: 50,
  });
});

const usd = fc.integer({ min: 0, max: 10_000_000 }).map((millionths) => millionths / 1000);
const anyPrice = fc.record({
  inputUsdPerMtok: usd,
  cachedInputUsdPerMtok: usd,
  outputUsdPerMtok: usd,
  reasoningUsdPerMtok: fc.option(usd, { nil: undefined }),
});

test('whatever a request uses within its bounds, at whichever price, costs no more than the worst case; what it uses beyond is cut off', () => {
  const anyUsage = fc.record({
    inputTokens: fc.nat(2000),
    cachedInputTokens: fc.nat(2000),
    outputTokens: fc.nat(200),
    reasoningTokens: fc.nat(200),
    source: fc.constant('upstream' as const),
  });
  fc.assert(
    fc.property(fc.array(anyPrice, { minLength: 1, maxLength: 4 }), anyUsage, fc.nat(3), (prices, usage, index) => {
      const need = worstCase(size, 0, dearestOf(prices));
      const cost = priceUsage(usage, prices[index % prices.length]);
      const bill = billWithin(need, { usage, usd: cost });
      const isWithin = usage.inputTokens <= 1000 && usage.outputTokens <= 100;
      if (isWithin) expect(bill).toEqual({ usage, usd: cost });
      expect(toNanoUsd(bill.usd ?? 0)).toBeLessThanOrEqual(need.mostNanoUsd);
      expect(bill.usage.inputTokens + bill.usage.outputTokens).toBeLessThanOrEqual(need.mostTokens);
      expect(bill.usage.cachedInputTokens).toBeLessThanOrEqual(Math.max(usage.cachedInputTokens, bill.usage.inputTokens));
    }),
    replayable('src/budget/worst-case.test.ts', 1000),
  );
});
