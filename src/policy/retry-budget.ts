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

interface Second {
  at: number;
  requests: number;
  retries: number;
}

/**
 * Counts requests and further tries in a ring of whole seconds. An answer that was already begun is not asked here:
 * its continuations are few, have a limit of their own, and are worth more than any retry.
 */
export class RetryBudget {
  readonly #rules: RetryBudgetRules;
  readonly #ring: Second[];

  constructor(rules: RetryBudgetRules) {
    this.#rules = rules;
    this.#ring = Array.from({ length: rules.windowSeconds }, () => ({ at: -1, requests: 0, retries: 0 }));
  }

  request(nowMs: number): void {
    this.#second(nowMs).requests += 1;
  }

  /** Takes one further try out of the budget; false where it is spent. */
  take(nowMs: number): boolean {
    const current = this.#second(nowMs);
    const oldest = current.at - this.#rules.windowSeconds;
    const inWindow = this.#ring.filter(({ at }) => at > oldest);
    const requests = inWindow.reduce((sum, second) => sum + second.requests, 0);
    const retries = inWindow.reduce((sum, second) => sum + second.retries, 0);
    if (retries + 1 > requests * this.#rules.ratio + this.#rules.floorPerSecond * this.#rules.windowSeconds) return false;
    current.retries += 1;
    return true;
  }

  #second(nowMs: number): Second {
    const at = Math.floor(nowMs / 1000);
    const slot = this.#ring[at % this.#ring.length];
    if (slot === undefined) throw new RangeError(`nowMs is ${nowMs}, and time does not run before 0.`);
    if (slot.at !== at) {
      slot.at = at;
      slot.requests = 0;
      slot.retries = 0;
    }
    return slot;
  }
}
