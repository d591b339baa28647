import type { LedgerDesk } from '../ledger-desk.ts';
import type { BillFormat } from './bill-format.ts';
import { RequestComparison } from './compare-requests.ts';
import type { ComparedRequests } from './compare-requests.ts';
import { BillSums, compareSums } from './compare-sums.ts';
import type { ComparedSum, Tolerance } from './compare-sums.ts';
import { readBill } from './read-bill.ts';

export interface ReconcileOptions {
  readonly format: BillFormat;
  /** Whose attempts the bill is about; all that are not emulated where neither is given. */
  readonly vendor: string | undefined;
  readonly endpointId: string | undefined;
  /** The vendor's name of a model to ours. */
  readonly models: ReadonlyMap<string, string>;
  readonly tolerance: Tolerance;
  /** Whether unknown attempts that the bill names are settled by it, or only counted. */
  readonly how: 'settle' | 'look';
}

export interface ReconcileReport {
  readonly lines: number;
  /** The days of UTC that the bill covers, the last one included; undefined where it is empty. */
  readonly days: { readonly first: string; readonly last: string } | undefined;
  readonly sums: readonly ComparedSum[];
  /** Undefined where the bill names no requests. */
  readonly requests: ComparedRequests | undefined;
  /** Whether nothing differs and nothing is missing on either side. */
  readonly matches: boolean;
}

/** Compares a vendor's bill with our account of what it was asked. Throws a `CsvProblem` where the file cannot be read. */
export async function reconcileBill(
  desk: LedgerDesk,
  file: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReconcileOptions,
): Promise<ReconcileReport> {
  const { format, models, tolerance, vendor, endpointId, how } = options;
  const billed = new BillSums();
  const comparison = new RequestComparison(desk, tolerance, how);
  let lines = 0;
  let days: ReconcileReport['days'];
  for await (const line of readBill(file, format)) {
    lines += 1;
    const { day } = line;
    days = { first: days === undefined || day < days.first ? day : days.first, last: days === undefined || day > days.last ? day : days.last };
    billed.add(line);
    await comparison.add(line);
  }
  const requests = format.request === undefined ? undefined : await comparison.end();
  // After the settlements, so that what they brought is counted.
  const ledger =
    days === undefined ? [] : await desk.sumAttempts({ ...windowOf(days.first, days.last), vendor, endpointId, byKey: format.key !== undefined });
  const sums = compareSums(billed.all, ledger, models, tolerance);
  const matches =
    sums.every(({ verdict }) => verdict === 'matched') && (requests === undefined || (requests.differing === 0 && requests.missing === 0));
  return { lines, days, sums, requests, matches };
}

function windowOf(first: string, last: string): { readonly sinceWallMs: number; readonly untilWallMs: number } {
  return { sinceWallMs: Date.parse(first), untilWallMs: Date.parse(last) + 86_400_000 };
}
