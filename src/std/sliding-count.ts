/** What was added at one moment, so that it can be corrected later. */
export interface Counted {
  readonly slot: number;
  amount: number;
}

const slots = 240;

/**
 * How much was counted within the last so many milliseconds, in slots of a 240th of that time. A whole slot counts until
 * its last moment has passed, so that the sum over any window is never told too low, and at most a slot too long.
 */
export class SlidingCount {
  readonly #slotMs: number;
  /** One more than the window has, for the one that is only partly past. */
  readonly #amounts = new Float64Array(slots + 1);
  #newest = 0;
  #total = 0;

  constructor(windowMs: number) {
    this.#slotMs = windowMs / slots;
  }

  add(amount: number, nowMs: number): Counted {
    this.#pass(nowMs);
    this.#change(this.#newest, amount);
    return { slot: this.#newest, amount };
  }

  /** What happened at a moment of before, of which only now is heard; what is past by now counts no more. */
  addEarlier(amount: number, atMs: number, nowMs: number): void {
    this.#pass(nowMs);
    const slot = Math.floor(atMs / this.#slotMs);
    if (slot > this.#newest - this.#amounts.length) this.#change(Math.min(slot, this.#newest), amount);
  }

  /** Sets what was counted before to another amount; what is past stays past. */
  correct(counted: Counted, amount: number, nowMs: number): void {
    this.#pass(nowMs);
    if (counted.slot > this.#newest - this.#amounts.length) this.#change(counted.slot, amount - counted.amount);
    counted.amount = amount;
  }

  total(nowMs: number): number {
    this.#pass(nowMs);
    return this.#total;
  }

  /** How long until no more than this is counted, if nothing is added. */
  releaseInMs(most: number, nowMs: number): number {
    let left = this.total(nowMs);
    if (left <= most) return 0;
    for (let slot = this.#newest - slots; slot <= this.#newest; slot += 1) {
      left -= this.#amounts[this.#place(slot)] ?? 0;
      if (left <= most) return (slot + this.#amounts.length) * this.#slotMs - nowMs;
    }
    return this.#amounts.length * this.#slotMs;
  }

  /** How long until nothing is counted, if nothing is added. It looks back from the newest slot, which usually is the one. */
  emptyInMs(nowMs: number): number {
    if (this.total(nowMs) <= 0) return 0;
    let slot = this.#newest;
    while (slot > this.#newest - slots && (this.#amounts[this.#place(slot)] ?? 0) <= 0) slot -= 1;
    return (slot + this.#amounts.length) * this.#slotMs - nowMs;
  }

  #change(slot: number, amount: number): void {
    const place = this.#place(slot);
    this.#amounts[place] = (this.#amounts[place] ?? 0) + amount;
    this.#total += amount;
  }

  #place(slot: number): number {
    const place = slot % this.#amounts.length;
    // The window reaches back before 0 where time has just begun.
    return place < 0 ? place + this.#amounts.length : place;
  }

  /** Empties the slots that have passed since it was last asked. */
  #pass(nowMs: number): void {
    const newest = Math.floor(nowMs / this.#slotMs);
    if (newest <= this.#newest) return;
    const first = Math.max(this.#newest + 1, newest - slots);
    for (let slot = first; slot <= newest; slot += 1) {
      const place = this.#place(slot);
      this.#total -= this.#amounts[place] ?? 0;
      this.#amounts[place] = 0;
    }
    this.#newest = newest;
  }
}
