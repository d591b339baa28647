import type { ShareCredit } from './share-credit.ts';

/** One window of one cap: what was dispatched in it, reserved at first and settled later. All in units of the cap's measure. */
export class ShareWindow {
  readonly index: number;
  readonly credit: ShareCredit;
  #group = 0;
  #rest = 0;
  #groupRunning = 0;
  /** What running requests are expected to come to. */
  #groupExpected = 0;
  #restExpected = 0;
  /** What was dispatched while the cap yielded counts in the share that is shown, and is outside the bound. */
  #yieldedGroup = 0;
  #yieldedRest = 0;

  constructor(index: number, credit: ShareCredit) {
    this.index = index;
    this.credit = credit;
  }

  run(side: 'group' | 'rest', units: number, expected: number): void {
    if (side === 'rest') this.#restExpected += expected;
    else {
      this.#groupRunning += units;
      this.#groupExpected += expected;
    }
  }

  settle(side: 'group' | 'rest', reservedUnits: number, expected: number, usedUnits: number, yielded: boolean): void {
    this.run(side, -reservedUnits, -expected);
    if (side === 'group') this.#group += usedUnits;
    else this.#rest += usedUnits;
    if (!yielded) return;
    if (side === 'group') this.#yieldedGroup += usedUnits;
    else this.#yieldedRest += usedUnits;
  }

  /** What the group has, running requests as reserved, and the rest, as settled: sums that several processes add up. */
  get volumes(): { readonly group: number; readonly rest: number } {
    return { group: this.#group + this.#groupRunning, rest: this.#rest };
  }

  get settled(): number {
    return this.#group + this.#rest;
  }

  /** Settled, without what was dispatched while the cap yielded: what the bound is about. */
  get bounded(): { readonly group: number; readonly rest: number } {
    return { group: this.#group - this.#yieldedGroup, rest: this.#rest - this.#yieldedRest };
  }

  /** By how many units the group is above (or below) its part, as far as is known: the dual price follows it. */
  excess(most: number): number {
    const group = this.#group - this.#yieldedGroup + this.#groupExpected;
    const rest = this.#rest - this.#yieldedRest + this.#restExpected;
    return group - most * (group + rest);
  }
}
