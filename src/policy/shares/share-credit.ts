/**
 * How much more of a window may go to a capped group. In one process the deficit counter says it; replicas that share a
 * store would each be lent a part of what that store counts (a lease) and use it up behind this same interface.
 */
export interface ShareCredit {
  readonly has: (units: number) => boolean;
  /** A request of at most so many units begins in the group, whether or not there was room. */
  readonly take: (mostUnits: number) => void;
  /** It ended. */
  readonly settle: (mostUnits: number, actualUnits: number) => void;
  /** A request of the rest ended: only then does it make room, since it might have come to nothing. */
  readonly grow: (units: number) => void;
}

/**
 * Keeps `group ≤ most × max(minimumVolume, group + rest)` in every moment, where `group` counts running requests by the
 * most that they can come to and `rest` only those that have ended. Both ways of ending keep it: a shorter answer lowers
 * `group`, and every answer of the rest raises the right side. So it holds at the window's end, and stays true when the
 * window's last answers settle later, however wrong the lengths were guessed.
 */
export class DeficitCounter implements ShareCredit {
  readonly #most: number;
  readonly #free: number;
  #group = 0;
  #rest = 0;

  constructor(most: number, minimumVolume: number) {
    this.#most = most;
    this.#free = most * minimumVolume;
  }

  has(units: number): boolean {
    const group = this.#group + units;
    return group <= this.#free || group * (1 - this.#most) <= this.#most * this.#rest;
  }

  take(mostUnits: number): void {
    this.#group += mostUnits;
  }

  settle(mostUnits: number, actualUnits: number): void {
    this.#group += actualUnits - mostUnits;
  }

  grow(units: number): void {
    this.#rest += units;
  }
}
