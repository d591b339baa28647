import { entryName, type PriceEntry } from '../budget/price-book.ts';
import { resolvePrice } from './resolve-price.ts';
import type { KeyPath } from './config-problem.ts';
import type { PriceEntryFields } from './price-schema.ts';
import type { Report } from './report.ts';

/** Entries of the configuration or of a table, each of which must be the only one of its name. */
export function resolveEntries(entries: readonly PriceEntryFields[], path: KeyPath, report: Report): readonly PriceEntry[] {
  const seen = new Map<string, number>();
  return entries.flatMap(({ model, endpoint, processor, ...given }, index) => {
    const at = [...path, index];
    if (endpoint !== undefined && processor !== undefined)
      report([...at, 'processor'], { what: 'stands beside `endpoint`, which is nearer', fix: 'Keep one of the two.' });
    const name = entryName({ model, endpoint, processor });
    const first = seen.get(name);
    if (first !== undefined) report([...at, 'model'], { what: `models[${first}] is a price of the same`, fix: 'Keep the one that holds.' });
    seen.set(name, first ?? index);
    const price = resolvePrice(given, at, report);
    return price === undefined ? [] : [{ model, endpoint, processor, price }];
  });
}
