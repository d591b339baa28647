interface Second {
  at: number;
  readonly counts: number[];
}

/** Counts things of a few kinds over the last seconds, in a ring of whole seconds: bounded, whatever happens. */
export class RollingCounts<Kind extends string> {
  readonly #kinds: readonly Kind[];
  readonly #ring: readonly Second[];

  constructor(kinds: readonly Kind[], windowSeconds: number) {
    this.#kinds = kinds;
    this.#ring = Array.from({ length: windowSeconds }, () => ({ at: -1, counts: kinds.map(() => 0) }));
  }

  add(kind: Kind, nowMs: number): void {
    const { counts } = this.#second(nowMs);
    const index = this.#kinds.indexOf(kind);
    counts[index] = (counts[index] ?? 0) + 1;
  }

  total(kind: Kind, nowMs: number): number {
    const oldest = this.#second(nowMs).at - this.#ring.length;
    const index = this.#kinds.indexOf(kind);
    let sum = 0;
    for (const { at, counts } of this.#ring) if (at > oldest) sum += counts[index] ?? 0;
    return sum;
  }

  clear(): void {
    for (const second of this.#ring) second.at = -1;
  }

  #second(nowMs: number): Second {
    const at = Math.floor(nowMs / 1000);
    const slot = this.#ring[at % this.#ring.length];
    if (slot === undefined) throw new RangeError(`nowMs is ${nowMs}, and time does not run before 0.`);
    if (slot.at !== at) {
      slot.at = at;
      slot.counts.fill(0);
    }
    return slot;
  }
}
