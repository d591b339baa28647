import type { Clock } from '../../std/clock.ts';

export interface LockoutRules {
  /** So many failures are free. */
  readonly free: number;
  /** The wait after the first beyond them; each further one doubles it. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Failures are forgotten so long after the last. */
  readonly forgetMs: number;
  /** Names and addresses remembered at once. */
  readonly most: number;
}

export const usualLockoutRules: LockoutRules = { free: 5, firstWaitMs: 1000, longestWaitMs: 900_000, forgetMs: 3_600_000, most: 10_000 };

interface Failures {
  count: number;
  lastMs: number;
}

/** Who must wait before they may try to sign in again. */
export class Lockout {
  readonly #rules: LockoutRules;
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(rules: LockoutRules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** How long this one must wait; 0 where it may try now. */
  waitMs(who: string): number {
    const failures = this.#failures.get(who);
    if (failures === undefined) return 0;
    const { free, firstWaitMs, longestWaitMs, forgetMs } = this.#rules;
    const sinceMs = this.#clock.nowMs() - failures.lastMs;
    if (sinceMs >= forgetMs) {
      this.#failures.delete(who);
      return 0;
    }
    if (failures.count < free) return 0;
    return Math.max(0, Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(30, failures.count - free)) - sinceMs);
  }

  failed(who: string): void {
    const known = this.#failures.get(who);
    const [oldest] = this.#failures.keys();
    if (known === undefined && oldest !== undefined && this.#failures.size >= this.#rules.most) this.#failures.delete(oldest);
    // Put at the end again: whoever was quiet for the longest makes room first.
    this.#failures.delete(who);
    this.#failures.set(who, { count: (known?.count ?? 0) + 1, lastMs: this.#clock.nowMs() });
  }

  succeeded(who: string): void {
    this.#failures.delete(who);
  }
}
