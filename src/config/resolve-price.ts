import type { KeyPath } from './config-problem.ts';
import type { Price } from '../fleet/deployment.ts';
import type { PriceFields } from './price-schema.ts';
import type { Report } from './report.ts';

/** The least that a token has cost anywhere is a hundred times as much: less is a price for one token, not for a million. */
const leastUsdPerMtok = 0.0001;
const perMtok = ['inputUsdPerMtok', 'cachedInputUsdPerMtok', 'outputUsdPerMtok', 'reasoningUsdPerMtok'] as const;

/** A price with its defaults; says where a figure cannot be meant. */
export function resolvePrice(price: PriceFields | undefined, path: KeyPath, report: Report): Price | undefined {
  if (price === undefined) return undefined;
  for (const name of perMtok) {
    const usd = price[name];
    if (usd !== undefined && usd > 0 && usd < leastUsdPerMtok)
      report([...path, name], {
        what: `is less than ${leastUsdPerMtok} US dollars per million tokens, which no model costs`,
        fix: 'Give the price of a million tokens, not of one.',
      });
  }
  const { inputUsdPerMtok, cachedInputUsdPerMtok = inputUsdPerMtok } = price;
  if (cachedInputUsdPerMtok > inputUsdPerMtok)
    report([...path, 'cachedInputUsdPerMtok'], { what: 'is more than the input price', fix: 'Give what cached input costs, or leave it out.' });
  return { ...price, cachedInputUsdPerMtok };
}
