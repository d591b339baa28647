/** Hashes that are remembered; where two fall together the later one stays. */
const places = 1 << 15;

/**
 * Who was sent a beginning last, over all deployments together: where there are too many to look at each one's own
 * table. Kept for the 1st, 2nd, 4th, 8th, … block of a prompt alone.
 */
export class LastHolders {
  readonly #hashes = new Int32Array(places);
  readonly #ids: (string | undefined)[] = Array.from({ length: places }, () => undefined);

  add(hashes: Int32Array, deploymentId: string): void {
    for (let count = 1; count <= hashes.length; count *= 2) {
      const hash = hashes[count - 1] ?? 0;
      const place = placeOf(hash);
      this.#hashes[place] = hash;
      this.#ids[place] = deploymentId;
    }
  }

  /** Who was sent the longest beginning of these that is remembered. */
  find(hashes: Int32Array): string | undefined {
    if (hashes.length === 0) return undefined;
    for (let count = 2 ** Math.floor(Math.log2(hashes.length)); count >= 1; count /= 2) {
      const hash = hashes[count - 1] ?? 0;
      const place = placeOf(hash);
      if (this.#hashes[place] === hash && this.#ids[place] !== undefined) return this.#ids[place];
    }
    return undefined;
  }
}

function placeOf(hash: number): number {
  return (Math.imul(hash, 0x9e3779b1) >>> 7) & (places - 1);
}
