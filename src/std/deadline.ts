import type { Clock } from './clock.ts';

/** One limit of time that is moved far more often than it is reached: moving it costs no timer. */
export class Deadline {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  /** Infinity while there is no limit: a number at all times, so that moving it allocates nothing. */
  #dueMs = Infinity;
  #timerMs = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Puts the limit so long from now, wherever it was. */
  set(afterMs: number, nowMs = this.#clock.nowMs()): void {
    this.#dueMs = nowMs + afterMs;
    if (this.#cancelTimer !== undefined && this.#timerMs <= this.#dueMs) return;
    this.#cancelTimer?.();
    this.#arm(nowMs, afterMs);
  }

  clear(): void {
    this.#dueMs = Infinity;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(nowMs: number, afterMs: number): void {
    this.#timerMs = nowMs + afterMs;
    this.#cancelTimer = this.#clock.after(afterMs, () => this.#fire());
  }

  #fire(): void {
    this.#cancelTimer = undefined;
    if (this.#dueMs === Infinity) return;
    const nowMs = this.#clock.nowMs();
    // The limit was moved since the timer was set, or the timer fired a little early.
    if (this.#dueMs > nowMs) return this.#arm(nowMs, this.#dueMs - nowMs);
    this.#dueMs = Infinity;
    this.#onDue();
  }
}
