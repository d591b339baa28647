import { PrefixCache } from './prefix-cache.ts';
import type { Job } from './job.ts';

/** Sizes of a replica's KV memory. */
export interface KvShape {
  readonly capacityBlocks: number;
  readonly blockTokens: number;
  /** Tokens of the blocks that are hashed: a multiple of `blockTokens`, so that a hashed block is whole ones. */
  readonly prefixBlockTokens: number;
  /** Whether the engine keeps prompts for requests with the same beginning. */
  readonly cachesPrefixes: boolean;
}

/** Who holds which blocks of a replica's memory. Blocks that only lie in the prefix cache count as available. */
export class KvMemory {
  readonly cache = new PrefixCache();
  readonly #shape: KvShape;
  readonly #unitBlocks: number;
  capacityBlocks: number;
  /** Blocks that belong to one job each. */
  privateBlocks = 0;

  constructor(shape: KvShape) {
    this.#shape = shape;
    this.#unitBlocks = shape.prefixBlockTokens / shape.blockTokens;
    this.capacityBlocks = shape.capacityBlocks;
    if (!Number.isInteger(this.#unitBlocks) || this.#unitBlocks < 1)
      throw new RangeError(`Hashed blocks of ${shape.prefixBlockTokens} tokens are no multiple of KV blocks of ${shape.blockTokens}.`);
  }

  get usedBlocks(): number {
    return this.privateBlocks + this.cache.used * this.#unitBlocks;
  }

  get availableBlocks(): number {
    return this.capacityBlocks - this.usedBlocks;
  }

  /** Blocks that hold nothing at all. */
  get freeBlocks(): number {
    return this.availableBlocks - this.cache.idle * this.#unitBlocks;
  }

  blocksOf(tokens: number): number {
    return Math.ceil(tokens / this.#shape.blockTokens);
  }

  /** Hashed blocks that a job would find; its last token is always computed, since its answer begins with that. */
  hits(job: Job): number {
    if (!this.#shape.cachesPrefixes || job.arrival.prefixHashes.length === 0) return 0;
    return Math.min(this.cache.match(job.arrival.prefixHashes), Math.floor((job.prefillTarget - 1) / this.#shape.prefixBlockTokens));
  }

  /** Blocks that stop being available if a job uses its first `hits` hashed ones. */
  idleBlocksAmong(job: Job, hits: number): number {
    let idle = 0;
    for (let index = 0; index < hits; index += 1) if (this.cache.isIdle(job.arrival.prefixHashes[index] ?? 0)) idle += 1;
    return idle * this.#unitBlocks;
  }

  /** Gives a job the hashed blocks that are here: they need not be computed. */
  reuse(job: Job, hits: number): void {
    for (let index = 0; index < hits; index += 1) this.cache.use(job.arrival.prefixHashes[index] ?? 0);
    job.sharedBlocks = hits;
    job.computed = hits * this.#shape.prefixBlockTokens;
  }

  /** Takes blocks for a job or for the growth of several, dropping idle ones where there is no room beside them. */
  take(blocks: number): void {
    this.privateBlocks += blocks;
    this.makeRoom();
  }

  makeRoom(): void {
    while (this.freeBlocks < 0 && this.cache.idle > 0) this.cache.evict();
  }

  /** Puts a job's newly computed hashed blocks into the cache, up to the first that another put there before it. */
  publish(job: Job): void {
    if (job.isPrivate || !this.#shape.cachesPrefixes) return;
    const { prefixHashes } = job.arrival;
    const full = Math.min(prefixHashes.length, Math.floor(job.computed / this.#shape.prefixBlockTokens));
    while (job.sharedBlocks < full) {
      const hash = prefixHashes[job.sharedBlocks] ?? 0;
      if (this.cache.has(hash)) {
        job.isPrivate = true;
        return;
      }
      this.cache.add(hash);
      job.sharedBlocks += 1;
      this.privateBlocks -= this.#unitBlocks;
    }
  }

  /** Frees what a job holds that has computed so many tokens. The end of its prompt goes to the old end of the cache. */
  release(job: Job, computed: number): void {
    this.privateBlocks -= this.blocksOf(computed) - job.sharedBlocks * this.#unitBlocks;
    for (let index = job.sharedBlocks - 1; index >= 0; index -= 1) this.cache.release(job.arrival.prefixHashes[index] ?? 0);
    job.sharedBlocks = 0;
  }
}
