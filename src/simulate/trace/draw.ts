import type { Random } from '../../std/random.ts';

/** Never 0, whose logarithm is none. */
function positive(random: Random): number {
  return 1 - random();
}

export function drawExponential(random: Random, mean: number): number {
  return -Math.log(positive(random)) * mean;
}

/** By Box and Muller's transform; the second value is left, so that a draw takes the same two numbers each time. */
export function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(positive(random))) * Math.cos(2 * Math.PI * random());
}

/** A length with this median whose logarithm spreads by `sigma`. */
export function drawLogNormal(random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * drawNormal(random));
}

/** By Marsaglia and Tsang's method (2000); below shape 1 by their remark on boosting. */
export function drawGamma(random: Random, shape: number, scale: number): number {
  if (shape < 1) return drawGamma(random, shape + 1, scale) * positive(random) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = drawNormal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(positive(random)) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v * scale;
  }
}

export function drawWhole(random: Random, below: number): number {
  return Math.floor(random() * below);
}
