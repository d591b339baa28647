/** Places that a block may lie in: few enough to look at all of them, enough that the oldest of them is old. */
const ways = 4;
const leastPlaces = 256;
/** How far back a cache reaches is learned in small steps: a prompt that was sent is not there until it is computed. */
const leastReach = 64;
const shorter = 0.99;
const longer = 1.005;
/** The clock starts over before it leaves 32 bits. */
const lastTick = 1 << 30;

/**
 * What one deployment should have in its prefix cache, from what was sent there: the hashes of blocks, at most
 * `mostPlaces` of them, the longest unused forgotten first. A block counts as evicted there once `reach` others came
 * after it; how far that reaches is learned from what the engine says it had.
 */
export class PrefixTable {
  /**
   * A hash and when it was last used, in blocks that came (0 where the place is empty), side by side: a set is half a
   * line of the processor's cache, and one look a miss at most.
   */
  #places = new Int32Array(leastPlaces * 2);
  #clock = 0;
  #reach: number;
  readonly #mostPlaces: number;

  constructor(reach: number, mostPlaces: number) {
    this.#mostPlaces = Math.max(leastPlaces, 2 ** Math.floor(Math.log2(mostPlaces)));
    this.#reach = Math.max(leastPlaces, Math.min(this.#mostPlaces, reach));
  }

  get places(): number {
    return this.#places.length / 2;
  }

  /**
   * How many of these blocks, from the first on, should be there. `likely` is a guess, such as what was found of the
   * same prompt elsewhere. The beginning of a prompt is used later than its end, so what is there has no gaps, and its
   * end is looked for by halves.
   */
  match(hashes: Int32Array, likely: number): number {
    const count = hashes.length;
    if (count === 0 || !this.#has(hashes[0] ?? 0)) return 0;
    let there = 1;
    let gone = count + 1;
    if (likely > 0 && likely <= count) {
      if (likely === 1 || this.#has(hashes[likely - 1] ?? 0)) there = likely;
      else gone = likely;
      if (gone > count && (likely === count || !this.#has(hashes[likely] ?? 0))) return there;
    }
    while (there + 1 < gone) {
      const middle = (there + gone) >> 1;
      if (this.#has(hashes[middle - 1] ?? 0)) there = middle;
      else gone = middle;
    }
    return there;
  }

  /** The prompt was sent there. */
  add(hashes: Int32Array): void {
    for (let index = hashes.length - 1; index >= 0; index -= 1) this.#use(hashes[index] ?? 0);
    if (this.#clock > lastTick) this.clear();
  }

  /** The engine says how many tokens it had where so many were expected. */
  learn(expectedTokens: number, foundTokens: number, blockTokens: number): void {
    if (foundTokens + blockTokens < expectedTokens) this.#reach = Math.max(leastReach, this.#reach * shorter);
    else if (foundTokens >= expectedTokens && foundTokens > 0) this.#reach = Math.min(this.#mostPlaces, this.#reach * longer);
  }

  clear(): void {
    this.#places.fill(0);
    this.#clock = 0;
  }

  #has(hash: number): boolean {
    const places = this.#places;
    const first = placeOf(hash, places.length);
    for (let place = first; place < first + ways * 2; place += 2) {
      if (places[place] !== hash) continue;
      const tick = places[place + 1] ?? 0;
      if (tick > 0) return this.#clock - tick < this.#reach;
    }
    return false;
  }

  #use(hash: number): void {
    const places = this.#places;
    const first = placeOf(hash, places.length);
    let oldest = first;
    for (let place = first; place < first + ways * 2; place += 2) {
      const tick = places[place + 1] ?? 0;
      if (tick > 0 && places[place] === hash) {
        // Who was half forgotten pushes others back as one that is new does.
        if (this.#clock - tick > this.#reach / 2) this.#clock += 1;
        places[place + 1] = this.#clock;
        return;
      }
      if (tick < (places[oldest + 1] ?? 0)) oldest = place;
    }
    const evicted = places[oldest + 1] ?? 0;
    if (evicted > 0 && this.#clock - evicted < this.#reach && this.places < this.#mostPlaces) {
      this.#grow();
      return this.#use(hash);
    }
    this.#clock += 1;
    places[oldest] = hash;
    places[oldest + 1] = this.#clock;
  }

  #grow(): void {
    const before = this.#places;
    const places = new Int32Array(before.length * 2);
    for (let from = 0; from < before.length; from += 2) {
      const hash = before[from] ?? 0;
      const tick = before[from + 1] ?? 0;
      if (tick === 0) continue;
      // Each set is split between two, so there is room.
      let place = placeOf(hash, places.length);
      while ((places[place + 1] ?? 0) > 0) place += 2;
      places[place] = hash;
      places[place + 1] = tick;
    }
    this.#places = places;
  }
}

/** Where a hash's set begins, by the multiplier of Fibonacci hashing. */
function placeOf(hash: number, length: number): number {
  return ((Math.imul(hash, 0x9e3779b1) >>> 7) & (length / (ways * 2) - 1)) * (ways * 2);
}
