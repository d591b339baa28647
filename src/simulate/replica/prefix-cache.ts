/**
 * The blocks of prompts that a replica holds by hash, as engines with automatic prefix caching keep them: shared while
 * somebody uses them, kept afterwards until their place is needed, the one idle longest first.
 */
export class PrefixCache {
  readonly #slotOf = new Map<number, number>();
  #hash: number[] = [];
  #users: number[] = [];
  #older: number[] = [];
  #newer: number[] = [];
  readonly #free: number[] = [];
  #oldest = -1;
  #newest = -1;
  /** How many blocks somebody uses, and how many only lie there. */
  used = 0;
  idle = 0;

  has(hash: number): boolean {
    return this.#slotOf.has(hash);
  }

  /** Whether nobody uses a block that is here. */
  isIdle(hash: number): boolean {
    const slot = this.#slotOf.get(hash);
    return slot !== undefined && this.#users[slot] === 0;
  }

  /** How many of these are here without a gap, from the first on. */
  match(hashes: Int32Array): number {
    let count = 0;
    while (count < hashes.length && this.#slotOf.has(hashes[count] ?? 0)) count += 1;
    return count;
  }

  /** One more user of a block that is here. */
  use(hash: number): void {
    const slot = this.#slotOf.get(hash);
    if (slot === undefined) throw new Error(`Block ${hash} is not in the cache.`);
    if (this.#users[slot] === 0) {
      this.#unlink(slot);
      this.idle -= 1;
      this.used += 1;
    }
    this.#users[slot] = (this.#users[slot] ?? 0) + 1;
  }

  /** Takes in a block that was computed, with one user. */
  add(hash: number): void {
    const slot = this.#free.pop() ?? this.#hash.length;
    this.#slotOf.set(hash, slot);
    this.#hash[slot] = hash;
    this.#users[slot] = 1;
    this.#older[slot] = -1;
    this.#newer[slot] = -1;
    this.used += 1;
  }

  release(hash: number): void {
    const slot = this.#slotOf.get(hash);
    if (slot === undefined) throw new Error(`Block ${hash} is not in the cache.`);
    const users = (this.#users[slot] ?? 0) - 1;
    if (users < 0) throw new Error(`Block ${hash} was released more often than used.`);
    this.#users[slot] = users;
    if (users > 0) return;
    this.#older[slot] = this.#newest;
    this.#newer[slot] = -1;
    if (this.#newest < 0) this.#oldest = slot;
    else this.#newer[this.#newest] = slot;
    this.#newest = slot;
    this.used -= 1;
    this.idle += 1;
  }

  /** Drops the block that was idle longest. */
  evict(): void {
    const slot = this.#oldest;
    if (slot < 0) throw new Error('There is no idle block to evict.');
    this.#unlink(slot);
    this.#slotOf.delete(this.#hash[slot] ?? 0);
    this.#free.push(slot);
    this.idle -= 1;
  }

  clear(): void {
    this.#slotOf.clear();
    this.#hash = [];
    this.#users = [];
    this.#older = [];
    this.#newer = [];
    this.#free.length = 0;
    this.#oldest = -1;
    this.#newest = -1;
    this.used = 0;
    this.idle = 0;
  }

  #unlink(slot: number): void {
    const older = this.#older[slot] ?? -1;
    const newer = this.#newer[slot] ?? -1;
    if (older < 0) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer < 0) this.#newest = older;
    else this.#older[newer] = older;
  }
}
