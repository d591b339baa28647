const perOctave = 64;
const lowestOctave = -10;
const octaves = 44;

/**
 * Counts of positive values in bins that grow by 2^(1/64): a quantile is known to 0.6 % whatever the values are, in a
 * memory that does not grow with them. The mean and the extremes are exact.
 */
export class LogHistogram {
  readonly #bins = new Float64Array(perOctave * octaves);
  count = 0;
  sum = 0;
  least = Infinity;
  most = -Infinity;

  add(value: number): void {
    const bin = Math.floor((Math.log2(Math.max(value, Number.MIN_VALUE)) - lowestOctave) * perOctave);
    const at = Math.max(0, Math.min(this.#bins.length - 1, bin));
    this.#bins[at] = (this.#bins[at] ?? 0) + 1;
    this.count += 1;
    this.sum += value;
    if (value < this.least) this.least = value;
    if (value > this.most) this.most = value;
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** The middle of the bin in which the quantile lies; 0 where nothing was counted. */
  quantile(part: number): number {
    if (this.count === 0) return 0;
    const rank = Math.max(1, Math.ceil(part * this.count));
    let seen = 0;
    for (const [bin, count] of this.#bins.entries()) {
      seen += count;
      if (seen >= rank) return Math.max(this.least, Math.min(this.most, 2 ** ((bin + 0.5) / perOctave + lowestOctave)));
    }
    return this.most;
  }
}
