import type { Price } from '../../fleet/deployment.ts';

/** What a request should cost by the token; undefined where no price is known, never 0. */
export function requestUsd(price: Price | undefined, promptTokens: number, cachedTokens: number, outputTokens: number): number | undefined {
  if (price === undefined) return undefined;
  const cached = Math.min(cachedTokens, promptTokens);
  return (
    ((promptTokens - cached) * price.inputUsdPerMtok + cached * price.cachedInputUsdPerMtok + outputTokens * price.outputUsdPerMtok) / 1_000_000 +
    (price.usdPerRequest ?? 0)
  );
}
