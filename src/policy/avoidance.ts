import type { Random } from '../std/random.ts';

export interface AvoidanceRules {
  /** How long the first time; it doubles with each further one. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** How far each time is drawn to either side, as a share of it: endpoints lost together must not all come back together. */
  readonly jitter: number;
  /** How long after a return the doubling is remembered: what fails again at once was not back. */
  readonly rememberMs: number;
}

type Phase =
  | { readonly kind: 'off'; readonly sinceMs: number | undefined }
  /** `tried`: whether the trial that follows a passed time was given away, and its verdict is awaited. */
  | { readonly kind: 'on'; readonly untilMs: number; readonly tried: boolean };

/**
 * Keeps away from a place for a time that doubles, then gives it one trial request at a time (half-open): a failure
 * begins the next, longer time, a success ends it. A trial without a verdict (the client left, the answer is long) is
 * followed by another after the same time, so nothing can be forgotten in this state.
 */
export class Avoidance {
  readonly #rules: AvoidanceRules;
  readonly #random: Random;
  #phase: Phase = { kind: 'off', sinceMs: undefined };
  #times = 0;

  constructor(rules: AvoidanceRules, random: Random) {
    this.#rules = rules;
    this.#random = random;
  }

  /** One more reason to keep away. What comes while it is avoided anyway (its other requests break too) counts once. */
  hit(nowMs: number): void {
    const phase = this.#phase;
    if (phase.kind === 'on' && !phase.tried && nowMs < phase.untilMs) return;
    const remembered = phase.kind === 'on' || (phase.sinceMs !== undefined && nowMs - phase.sinceMs < this.#rules.rememberMs);
    this.#times = remembered ? this.#times + 1 : 1;
    this.#phase = { kind: 'on', untilMs: nowMs + this.#drawMs(), tried: false };
  }

  /** Ends it where a trial was due or out; before that, what succeeds was begun earlier and proves nothing. */
  pass(nowMs: number): void {
    if (this.state(nowMs) === 'trial' || (this.#phase.kind === 'on' && this.#phase.tried)) this.end(nowMs);
  }

  end(nowMs: number): void {
    if (this.#phase.kind === 'on') this.#phase = { kind: 'off', sinceMs: nowMs };
  }

  claimTrial(nowMs: number): boolean {
    if (this.state(nowMs) !== 'trial') return false;
    this.#phase = { kind: 'on', untilMs: nowMs + this.#drawMs(), tried: true };
    return true;
  }

  forgive(): void {
    this.#phase = { kind: 'off', sinceMs: undefined };
    this.#times = 0;
  }

  state(nowMs: number): 'off' | 'avoided' | 'trial' {
    if (this.#phase.kind === 'off') return 'off';
    return nowMs < this.#phase.untilMs ? 'avoided' : 'trial';
  }

  releaseInMs(nowMs: number): number {
    return this.#phase.kind === 'on' ? Math.max(0, this.#phase.untilMs - nowMs) : 0;
  }

  /** How long ago it came back; undefined where it was never away, or is. */
  backForMs(nowMs: number): number | undefined {
    return this.#phase.kind === 'off' && this.#phase.sinceMs !== undefined ? nowMs - this.#phase.sinceMs : undefined;
  }

  #drawMs(): number {
    const { firstMs, longestMs, jitter } = this.#rules;
    const plainMs = Math.min(firstMs * 2 ** Math.min(this.#times - 1, 30), longestMs);
    return plainMs * (1 - jitter + 2 * jitter * this.#random());
  }
}
