/** Counts things of a few kinds over the last seconds, in a ring of whole seconds: bounded, whatever happens. */
export class RollingCounts<Kind extends string> {
  readonly #kinds: readonly Kind[];
  /** Rows of the ring, one behind another: which second a row counts (−∞: none), then the count of each kind. */
  readonly #rows: Float64Array;
  readonly #width: number;
  readonly #windowSeconds: number;

  constructor(kinds: readonly Kind[], windowSeconds: number) {
    this.#kinds = kinds;
    this.#width = kinds.length + 1;
    this.#windowSeconds = windowSeconds;
    this.#rows = new Float64Array(windowSeconds * this.#width);
    this.clear();
  }

  add(kind: Kind, nowMs: number): void {
    const at = this.#rowOf(Math.floor(nowMs / 1000)) + this.#columnOf(kind);
    this.#rows[at] = (this.#rows[at] ?? 0) + 1;
  }

  total(kind: Kind, nowMs: number): number {
    const rows = this.#rows;
    const second = Math.floor(nowMs / 1000);
    this.#rowOf(second);
    const oldest = second - this.#windowSeconds;
    const column = this.#columnOf(kind);
    let sum = 0;
    for (let row = 0; row < rows.length; row += this.#width) if ((rows[row] ?? oldest) > oldest) sum += rows[row + column] ?? 0;
    return sum;
  }

  clear(): void {
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
