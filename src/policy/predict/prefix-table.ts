/** Places that a block may lie in: few enough to look at all of them, enough that the oldest of them is old. */
const ways = 4;
const leastPlaces = 256;
/** The clock starts over before it leaves 32 bits. */
const lastTick = 1 << 30;

/**
 * What one deployment should have in its prefix cache, from what was sent there: the hashes of blocks, at most
 * `mostPlaces` of them, the longest unused forgotten first. A block counts as evicted there once `reach` others came
 * after it; how far that reaches is learned from what the engine says it had.
 */
export class PrefixTable {
  #hashes = new Int32Array(leastPlaces);
  /** When a block was last used, in blocks that came; 0 where the place is empty. */
  #ticks = new Int32Array(leastPlaces);
  #clock = 0;
  #reach: number;
  readonly #mostPlaces: number;

  constructor(reach: number, mostPlaces: number) {
    this.#mostPlaces = Math.max(leastPlaces, 2 ** Math.floor(Math.log2(mostPlaces)));
    this.#reach = Math.max(leastPlaces, Math.min(this.#mostPlaces, reach));
  }

  get places(): number {
    return this.#hashes.length;
  }

  /** How many of these blocks, from the first on, should be there. */
  match(hashes: Int32Array): number {
    const count = hashes.length;
    if (count === 0 || !this.#has(hashes[0] ?? 0)) return 0;
    if (this.#has(hashes[count - 1] ?? 0)) return count;
    // The beginnings of a prompt are used later than its end, so what is there has no gaps, and halving finds where it ends.
    let there = 1;
    let gone = count - 1;
    while (there < gone) {
      const middle = (there + gone) >> 1;
      if (this.#has(hashes[middle] ?? 0)) there = middle + 1;
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
    if (foundTokens + blockTokens < expectedTokens) this.#reach = Math.max(leastPlaces / 4, this.#reach * 0.99);
    else if (foundTokens >= expectedTokens && foundTokens > 0) this.#reach = Math.min(this.#mostPlaces, this.#reach * 1.005);
  }

  clear(): void {
    this.#ticks.fill(0);
    this.#clock = 0;
  }

  #has(hash: number): boolean {
    const first = placeOf(hash, this.#hashes.length);
    for (let place = first; place < first + ways; place += 1) {
      const tick = this.#ticks[place] ?? 0;
      if (tick > 0 && this.#hashes[place] === hash) return this.#clock - tick < this.#reach;
    }
    return false;
  }

  #use(hash: number): void {
    const first = placeOf(hash, this.#hashes.length);
    let oldest = first;
    for (let place = first; place < first + ways; place += 1) {
      const tick = this.#ticks[place] ?? 0;
      if (tick > 0 && this.#hashes[place] === hash) {
        // Who was half forgotten pushes others back as one that is new does.
        if (this.#clock - tick > this.#reach / 2) this.#clock += 1;
        this.#ticks[place] = this.#clock;
        return;
      }
      if (tick < (this.#ticks[oldest] ?? 0)) oldest = place;
    }
    const evicted = this.#ticks[oldest] ?? 0;
    if (evicted > 0 && this.#clock - evicted < this.#reach && this.#hashes.length < this.#mostPlaces) {
      this.#grow();
      return this.#use(hash);
    }
    this.#clock += 1;
    this.#hashes[oldest] = hash;
    this.#ticks[oldest] = this.#clock;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const ticks = this.#ticks;
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#ticks = new Int32Array(hashes.length * 2);
    for (const [index, hash] of hashes.entries()) {
      const tick = ticks[index] ?? 0;
      if (tick === 0) continue;
      // Twice as many sets hold whatever half as many held.
      let place = placeOf(hash, this.#hashes.length);
      while ((this.#ticks[place] ?? 0) > 0) place += 1;
      this.#hashes[place] = hash;
      this.#ticks[place] = tick;
    }
  }
}

/** The first place of a hash's set, by the multiplier of Fibonacci hashing. */
function placeOf(hash: number, places: number): number {
  return ((Math.imul(hash, 0x9e3779b1) >>> 7) & (places / ways - 1)) * ways;
}
