import { OwnKeeper } from '../budget/own-keeper.ts';
import { spentOfLedger } from './spent-of-ledger.ts';
import type { BudgetStanding } from '../budget/budgets.ts';
import type { Clock } from '../std/clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { LimitDesk } from '../gateway/admit-request.ts';
import type { ReadSpent } from '../budget/opening-sums.ts';
import type { TakenSeat } from './processes/taken-seat.ts';

export interface OpenedLimits {
  readonly desk: LimitDesk;
  /** Another section `budgets` from now on. */
  readonly use: (config: Config) => void;
  /** How budgets stand that this process keeps itself. */
  readonly standing: () => readonly BudgetStanding[];
}

/** Budgets and rates: kept here, or by the first of several processes. */
export function openLimits(config: Config, taken: TakenSeat | undefined, clock: Clock): OpenedLimits {
  const spent = (rules: Config['budgets']): ReadSpent => spentOfLedger(rules, config.ledger.directory);
  const keeper = taken === undefined ? new OwnKeeper(config.budgets, spent(config.budgets), clock) : taken.keeper(clock);
  const desk = { keeper, answerTokens: config.budgets.answerTokens, mediaTokens: config.budgets.mediaTokens };
  return {
    desk,
    use: ({ budgets }) => {
      keeper.change(budgets, spent(budgets));
      desk.answerTokens = budgets.answerTokens;
      desk.mediaTokens = budgets.mediaTokens;
    },
    standing: () => (keeper instanceof OwnKeeper ? keeper.budgets.standing(clock.wallMs()) : []),
  };
}
