import { hasBudgets, type LimitRules } from '../budget/limits.ts';
import { readSpentByKey } from '../ledger/read-spent.ts';
import type { ReadSpent } from '../budget/opening-sums.ts';

/** What was spent, read from the ledger where there is any budget that it could count against. */
export function spentOfLedger(rules: LimitRules, directory: string): ReadSpent {
  return hasBudgets(rules) ? (fromMs, untilMs) => readSpentByKey(directory, fromMs, untilMs) : () => [];
}
