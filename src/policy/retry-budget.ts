import { RollingCounts } from './rolling-counts.ts';

/** How many further tries all requests together may make, so that an outage is not multiplied by its own retries. */
export interface RetryBudgetRules {
  /** Further tries per request, over the window. */
  readonly ratio: number;
  /** Further tries a second that are always allowed, for gateways with little traffic. */
  readonly floorPerSecond: number;
  readonly windowSeconds: number;
}

/** The fault catalogue's proposal (0.2): 20 % of the requests and 3 a second, over 10 seconds. */
export const defaultRetryBudget: RetryBudgetRules = { ratio: 0.2, floorPerSecond: 3, windowSeconds: 10 };

/**
 * Counts requests and further tries. An answer that was already begun is not asked here: its continuations are few,
 * have a limit of their own, and are worth more than any retry.
 */
export class RetryBudget {
  readonly #rules: RetryBudgetRules;
  readonly #counts: RollingCounts<'request' | 'retry'>;

  constructor(rules: RetryBudgetRules) {
    this.#rules = rules;
    this.#counts = new RollingCounts(['request', 'retry'], rules.windowSeconds);
  }

  request(nowMs: number): void {
    this.#counts.add('request', nowMs);
  }

  /** Takes one further try out of the budget; false where it is spent. */
  take(nowMs: number): boolean {
    const allowed = this.#counts.total('request', nowMs) * this.#rules.ratio + this.#rules.floorPerSecond * this.#rules.windowSeconds;
    if (this.#counts.total('retry', nowMs) + 1 > allowed) return false;
    this.#counts.add('retry', nowMs);
    return true;
  }
}
