/** When each of a fixed number of places has its next event: the soonest first, equal ones by number. */
export class EventHeap {
  readonly #times: Float64Array;
  readonly #heap: Int32Array;
  readonly #at: Int32Array;

  constructor(places: number) {
    this.#times = new Float64Array(places).fill(Infinity);
    this.#heap = Int32Array.from({ length: places }, (_, index) => index);
    this.#at = Int32Array.from({ length: places }, (_, index) => index);
  }

  get firstPlace(): number {
    return this.#heap[0] ?? -1;
  }

  get firstMs(): number {
    return this.#times[this.firstPlace] ?? Infinity;
  }

  set(place: number, atMs: number): void {
    if (this.#times[place] === atMs) return;
    this.#times[place] = atMs;
    this.#rise(place);
    this.#sink(place);
  }

  #isBefore(a: number, b: number): boolean {
    const difference = (this.#times[a] ?? 0) - (this.#times[b] ?? 0);
    // Two that never come differ by no number.
    return difference < 0 || (!(difference > 0) && a < b);
  }

  #rise(place: number): void {
    let at = this.#at[place] ?? 0;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = this.#heap[above] ?? 0;
      if (!this.#isBefore(place, other)) break;
      this.#put(other, at);
      at = above;
    }
    this.#put(place, at);
  }

  #sink(place: number): void {
    const { length } = this.#heap;
    let at = this.#at[place] ?? 0;
    for (let below = 2 * at + 1; below < length; below = 2 * at + 1) {
      if (below + 1 < length && this.#isBefore(this.#heap[below + 1] ?? 0, this.#heap[below] ?? 0)) below += 1;
      const other = this.#heap[below] ?? 0;
      if (!this.#isBefore(other, place)) break;
      this.#put(other, at);
      at = below;
    }
    this.#put(place, at);
  }

  #put(place: number, at: number): void {
    this.#heap[at] = place;
    this.#at[place] = at;
  }
}
