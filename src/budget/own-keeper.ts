import { Budgets } from './budgets.ts';
import { failure } from '../std/result.ts';
import { KnownKinds, type LimitKeeper, type Reserved } from './limit-keeper.ts';
import type { Clock } from '../std/clock.ts';
import type { LimitKinds, LimitRules, Payer } from './limits.ts';
import type { Need } from './reservation.ts';
import type { ReadSpent } from './opening-sums.ts';

/** Keeps the limits in this process: nothing is waited for. */
export class OwnKeeper implements LimitKeeper {
  readonly budgets: Budgets;
  readonly #clock: Clock;
  #kinds: KnownKinds;

  constructor(rules: LimitRules, readSpent: ReadSpent, clock: Clock) {
    this.budgets = new Budgets(rules, readSpent, clock.wallMs());
    this.#kinds = new KnownKinds(rules);
    this.#clock = clock;
  }

  /** Other limits from now on; see `Budgets.change`. */
  change(rules: LimitRules, readSpent: ReadSpent): void {
    this.budgets.change(rules, readSpent, this.#clock.wallMs());
    this.#kinds = new KnownKinds(rules);
  }

  kindsOf(payer: Payer): LimitKinds | undefined {
    return this.#kinds.of(payer);
  }

  reserve(payer: Payer, _requestId: string, need: Need): Reserved {
    const wallMs = this.#clock.wallMs();
    const guard = this.budgets.guardOf(payer, wallMs);
    // Both are made from the same rules in the same turn, so this would be a defect: what it covers is not served then.
    if (guard === undefined) return failure({ fault: { code: 'limits_unavailable' }, standing: undefined });
    return guard.reserve(need, this.#clock.nowMs(), wallMs);
  }
}
