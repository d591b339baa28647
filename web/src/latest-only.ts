/** Runs something once after some milliseconds; the returned function calls it off. */
export type Schedule = (run: () => void, delayMs: number) => () => void;

/**
 * Passes on at most one value per `everyMs`: the latest. Drawing every chunk of a fast answer would keep the page from
 * reading, and it would then show, and unplug, what was sent long ago.
 */
export class LatestOnly<T> {
  readonly #take: (value: T) => void;
  readonly #everyMs: number;
  readonly #schedule: Schedule;
  #callOff: (() => void) | undefined;
  #latest: { readonly value: T } | undefined;

  constructor(take: (value: T) => void, everyMs: number, schedule: Schedule) {
    this.#take = take;
    this.#everyMs = everyMs;
    this.#schedule = schedule;
  }

  /** Passes the value on at once if nothing was passed on lately, else when the time has come and none came after it. */
  push(value: T): void {
    this.#latest = { value };
    if (this.#callOff === undefined) this.#pass();
  }

  /** Drops what was not passed on yet. */
  stop(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#latest = undefined;
  }

  #pass(): void {
    this.#callOff = undefined;
    if (this.#latest === undefined) return;
    const { value } = this.#latest;
    this.#latest = undefined;
    this.#callOff = this.#schedule(() => this.#pass(), this.#everyMs);
    this.#take(value);
  }
}
