/**
 * What a router believes of the replicas' prefix caches, from what it sent where: the blocks of each replica that were
 * sent last, up to a number. It knows neither evictions nor pre-emptions, as routers outside the engine do not.
 */
export class PrefixMemory {
  /** By replica: hash → order of the last use, in that order (a Map keeps it). */
  readonly #seen: readonly Map<number, true>[];
  readonly #mostBlocks: number;

  constructor(replicas: number, mostBlocks: number) {
    this.#seen = Array.from({ length: replicas }, () => new Map<number, true>());
    this.#mostBlocks = mostBlocks;
  }

  /** How many of these blocks, from the first on, that replica should have. */
  match(replica: number, hashes: Int32Array): number {
    const seen = this.#seen[replica];
    if (seen === undefined) return 0;
    let count = 0;
    while (count < hashes.length && seen.has(hashes[count] ?? 0)) count += 1;
    return count;
  }

  add(replica: number, hashes: Int32Array): void {
    const seen = this.#seen[replica];
    if (seen === undefined) return;
    for (const hash of hashes) {
      seen.delete(hash);
      seen.set(hash, true);
    }
    for (const oldest of seen.keys()) {
      if (seen.size <= this.#mostBlocks) return;
      seen.delete(oldest);
    }
  }

  /** A replica that was lost comes back without its cache. */
  forget(replica: number): void {
    this.#seen[replica]?.clear();
  }
}
