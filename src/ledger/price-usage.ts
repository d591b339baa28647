import type { Price } from '../fleet/deployment.ts';
import type { TokenUsage } from './ledger.ts';

/** What the usage costs in USD; undefined where no price is known, since an unknown price is never 0 (fault 96). */
export function priceUsage(usage: TokenUsage, price: Price | undefined): number | undefined {
  if (price === undefined) return undefined;
  // Some endpoints report more cached tokens than input tokens; a negative remainder would pay the client back.
  const cachedTokens = Math.min(usage.cachedInputTokens, usage.inputTokens);
  // Reasoning is a part of the output, counted once (fault 76), and the same holds for it.
  const reasoningTokens = price.reasoningUsdPerMtok === undefined ? 0 : Math.min(usage.reasoningTokens ?? 0, usage.outputTokens);
  const usdTimesMillion =
    (usage.inputTokens - cachedTokens) * price.inputUsdPerMtok +
    cachedTokens * price.cachedInputUsdPerMtok +
    (usage.outputTokens - reasoningTokens) * price.outputUsdPerMtok +
    reasoningTokens * (price.reasoningUsdPerMtok ?? 0);
  return usdTimesMillion / 1e6 + (price.usdPerRequest ?? 0);
}
