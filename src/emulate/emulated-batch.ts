import type { EmulatorLimits } from './emulator-profile.ts';
import type { PaceLoad } from './pace.ts';

/** One request's place in the emulated batch or in the queue before it. */
export interface Ticket {
  /** Sets how many tokens' keys and values this request holds. */
  readonly hold: (tokens: number) => void;
  /** Gives the place up, seated or waiting; calling it again does nothing. */
  readonly leave: () => void;
}

interface Entry {
  seated: boolean;
  kvTokens: number;
  readonly onSeat: () => void;
}

/** The requests that the emulated chip has in hand: a bounded batch, and a bounded first-come queue before it. */
export class EmulatedBatch {
  readonly #limits: EmulatorLimits;
  readonly #seated = new Set<Entry>();
  readonly #waiting = new Set<Entry>();
  #residentKvTokens = 0;

  constructor(limits: EmulatorLimits) {
    this.#limits = limits;
  }

  /** Calls `onSeat` once there is a place, perhaps at once; `full` where batch and queue are both full. */
  request(onSeat: () => void): Ticket | 'full' {
    const entry: Entry = { seated: false, kvTokens: 0, onSeat };
    if (this.#seated.size < this.#limits.maxConcurrent) this.#seat(entry);
    else if (this.#waiting.size < this.#limits.maxWaiting) this.#waiting.add(entry);
    else return 'full';
    return { hold: (tokens) => this.#hold(entry, tokens), leave: () => this.#leave(entry) };
  }

  /** The load as one of the seated requests sees it. */
  load(): PaceLoad {
    return { sequences: Math.max(1, this.#seated.size), residentKvTokens: this.#residentKvTokens };
  }

  running(): number {
    return this.#seated.size;
  }

  waiting(): number {
    return this.#waiting.size;
  }

  #seat(entry: Entry): void {
    entry.seated = true;
    this.#seated.add(entry);
    entry.onSeat();
  }

  #hold(entry: Entry, tokens: number): void {
    if (!this.#seated.has(entry)) return;
    this.#residentKvTokens += tokens - entry.kvTokens;
    entry.kvTokens = tokens;
  }

  #leave(entry: Entry): void {
    this.#waiting.delete(entry);
    if (!this.#seated.delete(entry)) return;
    this.#residentKvTokens -= entry.kvTokens;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      this.#seat(next);
      return;
    }
  }
}
