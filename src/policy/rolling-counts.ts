/** Counts things of a few kinds over the last seconds, in a ring of whole seconds: bounded, whatever happens. */
export class RollingCounts<Kind extends string> {
  readonly #kinds: readonly Kind[];
  /** Rows of the ring, one behind another: which second a row counts (−∞: none), then the count of each kind. */
  readonly #rows: Float64Array;
  readonly #width: number;
  readonly #windowSeconds: number;
  /** What all rows count but that of the second `#summedAt` (-1: nothing is summed up), column by column. */
  readonly #sums: Float64Array;
  #summedAt = -1;

  constructor(kinds: readonly Kind[], windowSeconds: number) {
    this.#kinds = kinds;
    this.#width = kinds.length + 1;
    this.#windowSeconds = windowSeconds;
    this.#sums = new Float64Array(this.#width);
    this.#rows = new Float64Array(windowSeconds * this.#width);
    this.clear();
  }

  add(kind: Kind, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const at = this.#rowOf(second) + this.#columnOf(kind);
    if (second !== this.#summedAt) this.#summedAt = -1;
    this.#rows[at] = (this.#rows[at] ?? 0) + 1;
  }

  total(kind: Kind, nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    const row = this.#rowOf(second);
    if (second !== this.#summedAt) this.#sum(second, row);
    const column = this.#columnOf(kind);
    return (this.#sums[column] ?? 0) + (this.#rows[row + column] ?? 0);
  }

  /** Sums up all rows but this second's, which do not change as long as it is counted in that one alone. */
  #sum(second: number, except: number): void {
    const rows = this.#rows;
    const sums = this.#sums;
    const oldest = second - this.#windowSeconds;
    sums.fill(0);
    for (let row = 0; row < rows.length; row += this.#width) {
      if (row === except || !((rows[row] ?? oldest) > oldest)) continue;
      for (let column = 1; column < this.#width; column += 1) sums[column] = (sums[column] ?? 0) + (rows[row + column] ?? 0);
    }
    this.#summedAt = second;
  }

  clear(): void {
    this.#summedAt = -1;
    for (let row = 0; row < this.#rows.length; row += this.#width) this.#rows[row] = Number.NEGATIVE_INFINITY;
  }

  /** Where the row of this second begins, emptied of what was counted there before it. */
  #rowOf(second: number): number {
    if (!(second >= 0)) throw new RangeError(`The second is ${second}, and time does not run before 0.`);
    const row = (second % this.#windowSeconds) * this.#width;
    if (this.#rows[row] === second) return row;
    this.#rows.fill(0, row, row + this.#width);
    this.#rows[row] = second;
    return row;
  }

  /** There are two or three kinds. */
  #columnOf(kind: Kind): number {
    const kinds = this.#kinds;
    let index = 0;
    while (index < kinds.length && kinds[index] !== kind) index += 1;
    return index + 1;
  }
}
