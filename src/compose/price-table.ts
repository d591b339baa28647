import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { formatConfigProblem } from '../config/config-problem.ts';
import { PriceBook } from '../budget/price-book.ts';
import { readPriceTable } from '../config/read-price-table.ts';
import type { PriceConfig } from '../config/config-schema.ts';
import type { PriceEntry } from '../budget/price-book.ts';

export interface WatchedPrices {
  readonly book: PriceBook;
  /** Reads the table again now. */
  readonly reload: () => void;
  /** Other prices, and perhaps another table, from now on. */
  readonly use: (prices: PriceConfig) => void;
  readonly stop: () => void;
}

/** Looked at this often: mounted files are swapped by a link above them, which a watch on a file does not see. */
const lookEveryMs = 2000;

/** The prices of the configuration, whose table is read again when it changes. A bad one changes nothing and is told of (fault 96). */
export function watchPrices(given: PriceConfig, say: (message: string) => void, everyMs = lookEveryMs): WatchedPrices {
  const book = new PriceBook([], undefined);
  let prices = given;
  let said = '';
  const reload = (): void => {
    const { own, table } = prices;
    if (table === undefined) return;
    const { path } = table;
    const read = readPriceTable(path, (file) => readFileSync(file, 'utf8'));
    if (!read.ok) {
      const [first] = read.failure;
      const more = read.failure.length > 1 ? ` (and ${read.failure.length - 1} more)` : '';
      return say(`PRICES NOT RENEWED, the last good table stays in force: ${first === undefined ? path : formatConfigProblem(first)}${more}`);
    }
    const now = JSON.stringify(read.value);
    if (now === said) return;
    said = now;
    book.replace(together(own, read.value), prices.cap);
    say(`the prices of ${read.value.length} models were read again.`);
  };
  const stop = (): void => {
    if (prices.table !== undefined) unwatchFile(prices.table.path, reload);
  };
  const use = (next: PriceConfig): void => {
    stop();
    prices = next;
    const { own, table, cap } = next;
    book.replace(together(own, table?.entries ?? []), cap);
    said = JSON.stringify(table?.entries);
    if (table !== undefined) watchFile(table.path, { interval: everyMs, persistent: false }, reload);
  };
  use(given);
  return { book, reload, use, stop };
}

/** Later ones of a name stand, so the configuration's own come last. */
function together(own: readonly PriceEntry[], table: readonly PriceEntry[]): readonly PriceEntry[] {
  return [...table, ...own];
}
