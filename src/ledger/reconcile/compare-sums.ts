import type { AttemptSum } from '../sum-attempts.ts';
import type { BillLine } from './read-bill.ts';

/** Tokens and money of a day, a model and a key, by one side's account. */
export interface BillSum {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Undefined where that side knows no price of some of it. */
  readonly usd: number | undefined;
}

export type BillVerdict = 'matched' | 'differs' | 'only the vendor' | 'only the ledger';

export interface ComparedSum {
  readonly day: string;
  readonly model: string;
  readonly keyId: string;
  readonly verdict: BillVerdict;
  readonly vendor: BillSum | undefined;
  readonly ledger: BillSum | undefined;
  /** Attempts of ours whose usage is not known yet, which may explain a difference. */
  readonly unsettled: number;
}

export interface Tolerance {
  /** Of the larger of the two figures, from 0 to 1. */
  readonly share: number;
  readonly usd: number;
}

/** A vendor's file may have any number of lines; what they sum up to is held in memory. */
const mostSums = 200_000;
/** Vendors name the snapshot that answered, clients mostly the model: `gpt-x-2026-01-31`, `claude-y-20260131`. */
const snapshot = /-(\d{4}-\d{2}-\d{2}|\d{8})$/;

interface Place {
  readonly day: string;
  readonly model: string;
  readonly keyId: string;
}

const keyOf = ({ day, model, keyId }: Place): string => JSON.stringify([day, model, keyId]);

/** Sums up a vendor's lines by day, model and key. */
export class BillSums {
  readonly #sums = new Map<string, Place & BillSum>();

  add(line: BillLine): void {
    const place = { day: line.day, model: line.model, keyId: line.keyId };
    const key = keyOf(place);
    const sum = this.#sums.get(key) ?? { ...place, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, usd: 0 };
    this.#sums.set(key, { ...place, ...plus(sum, line) });
    if (this.#sums.size > mostSums) throw new RangeError(`The file has more than ${mostSums} different days, models and keys.`);
  }

  get all(): readonly (Place & BillSum)[] {
    return [...this.#sums.values()];
  }
}

function plus(sum: BillSum, more: BillSum): BillSum {
  return {
    inputTokens: sum.inputTokens + more.inputTokens,
    cachedInputTokens: sum.cachedInputTokens + more.cachedInputTokens,
    outputTokens: sum.outputTokens + more.outputTokens,
    usd: sum.usd === undefined || more.usd === undefined ? undefined : sum.usd + more.usd,
  };
}

/**
 * Compares both accounts. A model is ours by the name that `models` gives for the vendor's, by the same name, or by the
 * vendor's without the date of its snapshot.
 */
export function compareSums(
  vendor: readonly (Place & BillSum)[],
  ledger: readonly AttemptSum[],
  models: ReadonlyMap<string, string>,
  tolerance: Tolerance,
): readonly ComparedSum[] {
  const known = new Set(ledger.map(({ model }) => model));
  const ourName = (model: string): string => {
    const plain = model.replace(snapshot, '');
    return models.get(model) ?? (known.has(model) || !known.has(plain) ? model : plain);
  };
  const sums = new Map<string, Place & { readonly vendor: BillSum | undefined; readonly ours: AttemptSum | undefined }>();
  for (const { day, model, keyId, ...sum } of vendor) {
    const place = { day, model: ourName(model), keyId };
    const before = sums.get(keyOf(place))?.vendor;
    sums.set(keyOf(place), { ...place, vendor: before === undefined ? sum : plus(before, sum), ours: undefined });
  }
  for (const ours of ledger) {
    const { day, model, keyId } = ours;
    sums.set(keyOf(ours), { day, model, keyId, vendor: sums.get(keyOf(ours))?.vendor, ours });
  }
  return [...sums.values()]
    .map(({ day, model, keyId, vendor: theirs, ours }) => {
      const sum = ours === undefined ? undefined : ledgerSum(ours);
      return { day, model, keyId, verdict: verdictOf(theirs, sum, tolerance), vendor: theirs, ledger: sum, unsettled: ours?.unsettled ?? 0 };
    })
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function ledgerSum({ inputTokens, cachedInputTokens, outputTokens, costUsd, unpriced }: AttemptSum): BillSum {
  return { inputTokens, cachedInputTokens, outputTokens, usd: unpriced > 0 ? undefined : costUsd };
}

function verdictOf(vendor: BillSum | undefined, ledger: BillSum | undefined, tolerance: Tolerance): BillVerdict {
  if (ledger === undefined) return 'only the vendor';
  // What we only began, or gave up before it cost anything, is on nobody's bill.
  if (vendor === undefined) return isNothing(ledger) ? 'matched' : 'only the ledger';
  return isSame(vendor, ledger, tolerance) ? 'matched' : 'differs';
}

function isNothing({ inputTokens, outputTokens, usd }: BillSum): boolean {
  return inputTokens === 0 && outputTokens === 0 && (usd ?? 0) === 0;
}

/** Whether two accounts of the same say the same, as far as both know it. */
export function isSame(one: BillSum, other: BillSum, { share, usd }: Tolerance): boolean {
  const isNear = (a: number, b: number, least: number): boolean => Math.abs(a - b) <= Math.max(least, share * Math.max(a, b));
  return (
    isNear(one.inputTokens, other.inputTokens, 0) &&
    isNear(one.cachedInputTokens, other.cachedInputTokens, 0) &&
    isNear(one.outputTokens, other.outputTokens, 0) &&
    (one.usd === undefined || other.usd === undefined || isNear(one.usd, other.usd, usd))
  );
}
