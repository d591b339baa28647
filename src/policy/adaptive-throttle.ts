import { RollingCounts } from './rolling-counts.ts';
import type { Random } from '../std/random.ts';

export interface ThrottleRules {
  /** How many tries may be spent on each that succeeds. */
  readonly triesPerSuccess: number;
  /** Requests a second of one model that always pass: little traffic is not throttled, and a recovery is noticed. */
  readonly floorPerSecond: number;
  readonly windowSeconds: number;
}

export const defaultThrottleRules: ThrottleRules = { triesPerSuccess: 2, floorPerSecond: 3, windowSeconds: 10 };

/**
 * Client-side throttling as in Google's book on reliability (chapter 21): requests of a model are turned away here
 * with the probability (tries − K × successes) / (tries + 1). It differs in what it counts: tries whose end is known,
 * because an answer may stream for minutes, and none that were turned away, so that a recovery takes one window.
 */
export class AdaptiveThrottle {
  readonly #rules: ThrottleRules;
  readonly #random: Random;
  /** By model; only models that the fleet serves get here. */
  readonly #counts = new Map<string, RollingCounts<'admitted' | 'accepted' | 'refused'>>();

  constructor(rules: ThrottleRules, random: Random) {
    this.#rules = rules;
    this.#random = random;
  }

  /** Whether a new request may be tried at all. */
  admits(model: string, nowMs: number): boolean {
    const counts = this.#of(model);
    const accepted = counts.total('accepted', nowMs);
    const tries = accepted + counts.total('refused', nowMs);
    const { triesPerSuccess, floorPerSecond, windowSeconds } = this.#rules;
    const turnedAway = (tries - triesPerSuccess * accepted) / (tries + 1);
    if (turnedAway > 0 && counts.total('admitted', nowMs) >= floorPerSecond * windowSeconds && this.#random() < turnedAway) return false;
    counts.add('admitted', nowMs);
    return true;
  }

  /** A try has ended: `accepted` where the endpoint did its work, even if that was to refuse a wrong request. */
  ended(model: string, how: 'accepted' | 'refused', nowMs: number): void {
    this.#of(model).add(how, nowMs);
  }

  #of(model: string): RollingCounts<'admitted' | 'accepted' | 'refused'> {
    let counts = this.#counts.get(model);
    if (counts === undefined) {
      counts = new RollingCounts(['admitted', 'accepted', 'refused'], this.#rules.windowSeconds);
      this.#counts.set(model, counts);
    }
    return counts;
  }
}
