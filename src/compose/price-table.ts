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
  readonly stop: () => void;
}

/** Looked at this often: mounted files are swapped by a link above them, which a watch on a file does not see. */
const lookEveryMs = 2000;

/** The prices of the configuration, whose table is read again when it changes. A bad one changes nothing and is told of (fault 96). */
export function watchPrices({ own, table, cap }: PriceConfig, say: (message: string) => void, everyMs = lookEveryMs): WatchedPrices {
  const book = new PriceBook(together(own, table?.entries ?? []), cap);
  if (table === undefined) return { book, reload: () => {}, stop: () => {} };
  const { path } = table;
  let said = JSON.stringify(table.entries);
  const reload = (): void => {
    const read = readPriceTable(path, (file) => readFileSync(file, 'utf8'));
    if (!read.ok) {
      const [first] = read.failure;
      const more = read.failure.length > 1 ? ` (and ${read.failure.length - 1} more)` : '';
      return say(`PRICES NOT RENEWED, the last good table stays in force: ${first === undefined ? path : formatConfigProblem(first)}${more}`);
    }
    const now = JSON.stringify(read.value);
    if (now === said) return;
    said = now;
    book.replace(together(own, read.value));
    say(`the prices of ${read.value.length} models were read again.`);
  };
  watchFile(path, { interval: everyMs, persistent: false }, reload);
  return { book, reload, stop: () => unwatchFile(path, reload) };
}

/** Later ones of a name stand, so the configuration's own come last. */
function together(own: readonly PriceEntry[], table: readonly PriceEntry[]): readonly PriceEntry[] {
  return [...table, ...own];
}
