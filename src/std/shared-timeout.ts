import type { Clock } from './clock.ts';

/** One that waits, among its neighbours. Who made it gives it back to end the wait. */
export interface Wait {
  readonly dueMs: number;
  readonly run: () => void;
  before: Wait | undefined;
  after: Wait | undefined;
  isOver: boolean;
}

/**
 * A limit of time that is the same for all that have it, and that hardly any of them reach: they wait in line, the first
 * that came is the first that is due, and one timer waits for it. To begin and to end a wait costs no timer.
 */
export class SharedTimeout {
  readonly #clock: Clock;
  readonly #forMs: number;
  #first: Wait | undefined;
  #last: Wait | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, forMs: number) {
    this.#clock = clock;
    this.#forMs = forMs;
  }

  /** Calls `run` once, so long after `nowMs`, unless the wait is ended before. */
  begin(nowMs: number, run: () => void): Wait {
    const last = this.#last;
    const wait: Wait = { dueMs: nowMs + this.#forMs, run, before: last, after: undefined, isOver: false };
    if (last === undefined) this.#first = wait;
    else last.after = wait;
    this.#last = wait;
    if (this.#cancelTimer === undefined) this.#arm(this.#forMs);
    return wait;
  }

  /** A wait that is over already stays so. */
  end(wait: Wait): void {
    if (wait.isOver) return;
    wait.isOver = true;
    const { before, after } = wait;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    if (this.#first !== undefined) return;
    // Nobody waits: a timer that is left would keep the process alive.
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(forMs: number): void {
    this.#cancelTimer = this.#clock.after(forMs, () => this.#look());
  }

  /** The first in line may be another by now than the one that the timer was set for, and timers may fire a little early. */
  #look(): void {
    this.#cancelTimer = undefined;
    const nowMs = this.#clock.nowMs();
    try {
      for (let wait = this.#first; wait !== undefined && wait.dueMs <= nowMs; wait = this.#first) {
        this.end(wait);
        wait.run();
      }
    } finally {
      // Whatever became of one, the others' time comes.
      if (this.#first !== undefined && this.#cancelTimer === undefined) this.#arm(this.#first.dueMs - nowMs);
    }
  }
}
