/** How unsure a coefficient is at first, over its own size: a prior may be wrong by twice and soon be forgotten. */
const firstVariance = 1;
/** A found value counts as no further off than so many deviations: an outlier pulls like somebody at the edge. */
const mostDeviations = 2.5;
/** So many outliers to the same side in a row are a change of speed, which changes all coefficients alike, by this part of it at a time. */
const outliersOfChange = 4;
const partOfChange = 0.3;
const mostChange = 2;
const [leastFactor, mostFactor] = [(1 / mostChange) ** partOfChange, mostChange ** partOfChange];
/** Found values beyond these are no measurement of anything, and sums with them leave what numbers can hold. */
const leastFound = 1e-9;
const mostFound = 1e12;
/** No coefficient leaves its prior further than this, either way, but for those that may be nothing. */
const mostTimesPrior = 1000;

/**
 * Recursive least squares of a few coefficients that are never negative, by relative error: twice as slow is as wrong
 * at one millisecond as at a thousand. Old observations are forgotten, and certainty that nothing renews fades no
 * further than to the prior's. About n² operations an observation, without allocation.
 */
export class LeastSquares {
  readonly coefficients: Float64Array;
  /** Sizes of the coefficients, in which they are counted: the priors, until a change of speed. */
  readonly #sizes: Float64Array;
  readonly #least: Float64Array;
  readonly #most: Float64Array;
  readonly #covariance: Float64Array;
  readonly #scaled: Float64Array;
  readonly #spread: Float64Array;
  readonly #kept: number;
  /** Outliers in a row, negative below the prediction. */
  #outliers = 0;
  observations = 0;

  /** Coefficients stay at least `leastShare` of their priors. `kept` is the weight that is left of an observation after the next. */
  constructor(priors: readonly number[], leastShare: readonly number[], kept: number) {
    const count = priors.length;
    this.coefficients = Float64Array.from(priors);
    this.#sizes = Float64Array.from(priors);
    this.#least = Float64Array.from(priors, (prior, index) => prior * (leastShare[index] ?? 0));
    this.#most = Float64Array.from(priors, (prior) => prior * mostTimesPrior);
    this.#covariance = new Float64Array(count * count);
    for (let index = 0; index < count; index += 1) this.#covariance[index * count + index] = firstVariance;
    this.#scaled = new Float64Array(count);
    this.#spread = new Float64Array(count);
    this.#kept = kept;
  }

  predict(features: Float64Array): number {
    let sum = 0;
    for (let index = 0; index < features.length; index += 1) sum += (features[index] ?? 0) * (this.coefficients[index] ?? 0);
    return sum;
  }

  /** `noise` is the variance of the found value, relative to it. Ignores what is no measurement. */
  observe(features: Float64Array, found: number, noise: number): void {
    if (!(found >= leastFound && found <= mostFound)) return;
    const predicted = this.predict(features);
    const scale = (predicted + found) / 2;
    const count = this.coefficients.length;
    let variance = noise;
    for (let row = 0; row < count; row += 1) this.#scaled[row] = ((features[row] ?? 0) * (this.#sizes[row] ?? 0)) / scale;
    for (let row = 0; row < count; row += 1) {
      let sum = 0;
      for (let column = 0; column < count; column += 1) sum += (this.#covariance[row * count + column] ?? 0) * (this.#scaled[column] ?? 0);
      this.#spread[row] = sum;
      variance += sum * (this.#scaled[row] ?? 0);
    }
    this.observations += 1;
    const error = this.#bounded((found - predicted) / scale, Math.sqrt(variance) * mostDeviations);
    if (Math.abs(this.#outliers) >= outliersOfChange) return this.#change(found / predicted);
    for (let row = 0; row < count; row += 1)
      this.coefficients[row] = (this.coefficients[row] ?? 0) + ((this.#spread[row] ?? 0) * error * (this.#sizes[row] ?? 0)) / variance;
    this.#narrow(variance);
    this.#project();
  }

  #bounded(error: number, most: number): number {
    if (Math.abs(error) <= most) {
      this.#outliers = 0;
      return error;
    }
    const side = Math.sign(error);
    this.#outliers = this.#outliers * side > 0 ? this.#outliers + side : side;
    return side * most;
  }

  /** All of it became slower or faster. */
  #change(times: number): void {
    const factor = times <= 1 / mostChange ? leastFactor : times >= mostChange ? mostFactor : times ** partOfChange;
    for (let row = 0; row < this.coefficients.length; row += 1) {
      this.coefficients[row] = (this.coefficients[row] ?? 0) * factor;
      this.#sizes[row] = (this.#sizes[row] ?? 0) * factor;
    }
    this.#clamp();
  }

  #narrow(variance: number): void {
    const count = this.coefficients.length;
    const covariance = this.#covariance;
    for (let row = 0; row < count; row += 1)
      for (let column = 0; column < count; column += 1) {
        const at = row * count + column;
        covariance[at] = ((covariance[at] ?? 0) - ((this.#spread[row] ?? 0) * (this.#spread[column] ?? 0)) / variance) / this.#kept;
      }
    for (let row = 0; row < count; row += 1) {
      const own = covariance[row * count + row] ?? 0;
      if (own <= firstVariance) continue;
      // Shrinking row and column alike keeps it a covariance.
      const shrink = Math.sqrt(firstVariance / own);
      for (let column = 0; column < count; column += 1) {
        covariance[row * count + column] = (covariance[row * count + column] ?? 0) * shrink;
        covariance[column * count + row] = (covariance[column * count + row] ?? 0) * shrink;
      }
    }
  }

  /**
   * Brings back coefficients that left their range, and moves the others by what went with them: only to cut one off
   * would leave the others compensating for what is no longer there, and they would run away.
   */
  #project(): void {
    const count = this.coefficients.length;
    for (let row = 0; row < count; row += 1) {
      const lacking = (this.#least[row] ?? 0) - (this.coefficients[row] ?? 0);
      if (lacking <= 0) continue;
      const own = this.#covariance[row * count + row] ?? 0;
      const steps = own > 0 ? lacking / (own * (this.#sizes[row] ?? 1)) : 0;
      for (let other = 0; other < count; other += 1)
        this.coefficients[other] = (this.coefficients[other] ?? 0) + (this.#covariance[other * count + row] ?? 0) * steps * (this.#sizes[other] ?? 0);
    }
    this.#clamp();
  }

  #clamp(): void {
    for (let row = 0; row < this.coefficients.length; row += 1)
      this.coefficients[row] = Math.max(this.#least[row] ?? 0, Math.min(this.#most[row] ?? Infinity, this.coefficients[row] ?? 0));
  }
}
