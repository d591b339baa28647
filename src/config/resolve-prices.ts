import { formatConfigProblem } from './config-problem.ts';
import { readPriceTable } from './read-price-table.ts';
import { resolveEntries } from './resolve-entries.ts';
import { resolvePrice } from './resolve-price.ts';
import type { ConfigFile, PriceConfig } from './config-schema.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';
import type { Report } from './report.ts';

/** Of a table that is wrong from end to end, the first few lines are told. */
const problemsTold = 10;

/** The prices of the configuration, and those of the table that it names: a bad one keeps the gateway from starting. */
export function resolvePrices({ models, table: given, cap }: ConfigFile['prices'], around: ConfigSurroundings, report: Report): PriceConfig {
  const own = resolveEntries(models, ['prices', 'models'], report);
  const capPrice = resolvePrice(cap, ['prices', 'cap'], report);
  if (given === undefined) return { own, table: undefined, cap: capPrice };
  const path = around.resolvePath(given);
  const read = readPriceTable(path, around.readFile);
  if (read.ok) return { own, table: { path, entries: read.value }, cap: capPrice };
  for (const problem of read.failure.slice(0, problemsTold))
    report(['prices', 'table'], {
      what: `the table cannot be used: ${formatConfigProblem({ ...problem, source: given })}`.replace(/\.$/, ''),
      fix: 'Until it is right, nothing starts: a price is never guessed.',
    });
  return { own, table: { path, entries: [] }, cap: capPrice };
}
