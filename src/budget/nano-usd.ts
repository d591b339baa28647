/*
 * Sums of money are whole billionths of a dollar, since sums of fractions drift and a budget must not be over by
 * anything. A thousandth of a cent per million tokens is one of them per hundred tokens, and 2^53 of them are nine
 * million dollars, which bounds what a budget may be.
 */
const nanoPerUsd = 1e9;

/** The largest budget that whole numbers can count without a gap. */
export const mostBudgetUsd = 9_000_000;

/** What was charged: rounded by the very steps by which the ledger's sums are, so that both stay equal. */
export function toNanoUsd(usd: number): number {
  return Math.floor(usd * nanoPerUsd + 0.5);
}

/** What may be charged at most. */
export function atMostNanoUsd(usd: number): number {
  return Math.ceil(usd * nanoPerUsd);
}

export function toUsd(nanoUsd: number): number {
  return nanoUsd / nanoPerUsd;
}
