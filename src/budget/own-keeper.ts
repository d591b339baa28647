import { Budgets } from './budgets.ts';
import { heldOfNothing, type Need } from './reservation.ts';
import { KnownKinds, type LimitKeeper, type Reserved } from './limit-keeper.ts';
import { success } from '../std/result.ts';
import type { Clock } from '../std/clock.ts';
import type { LimitKinds, LimitRules, Payer } from './limits.ts';
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
    // Where several processes serve, one may hear a moment later that its payer's limits were taken away.
    if (guard === undefined) return success(heldOfNothing(need));
    return guard.reserve(need, { nowMs: this.#clock.nowMs(), wallMs });
  }
}
