import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LeastSquares } from './least-squares.ts';
import { replayable } from '../../std/testing/replayable.ts';
import { seededRandom, type Random } from '../../std/random.ts';

const file = 'src/policy/predict/least-squares.test.ts';
const truth = [8, 0.05, 4e-5];

/** Step times by hidden coefficients, over batches of 1 to 100 and contexts that go with them, within ±10 %. */
function teach(model: LeastSquares, hidden: readonly number[], count: number, random: Random): void {
  for (let seen = 0; seen < count; seen += 1) {
    const features = drawFeatures(random);
    const exact = features.reduce((sum, feature, index) => sum + feature * (hidden[index] ?? 0), 0);
    model.observe(features, exact * (0.9 + 0.2 * random()), 0.004);
  }
}

function drawFeatures(random: Random): Float64Array {
  const batch = 1 + Math.floor(random() * 100);
  return Float64Array.of(1, batch, batch * (200 + random() * 4000));
}

/** How far predictions are off on average, over what they should be. */
function off(model: LeastSquares, hidden: readonly number[], random: Random): number {
  let sum = 0;
  for (let look = 0; look < 200; look += 1) {
    const features = drawFeatures(random);
    const exact = features.reduce((total, feature, index) => total + feature * (hidden[index] ?? 0), 0);
    sum += Math.abs(model.predict(features) / exact - 1);
  }
  return sum / 200;
}

describe('least squares', () => {
  test('finds hidden coefficients from noisy answers, whatever priors up to twice too small or too large said', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }), (seed, wrong) => {
        const random = seededRandom(seed);
        const model = new LeastSquares(
          truth.map((value, index) => value * 2 ** (wrong[index] ?? 0)),
          [0.02, 0, 0],
          0.985,
        );
        teach(model, truth, 200, random);
        expect(off(model, truth, random)).toBeLessThan(0.06);
      }),
      replayable(file, 100),
    );
  });

  test('follows an engine that becomes twice as slow within sixty answers', () => {
    const random = seededRandom(3);
    const model = new LeastSquares(truth, [0.02, 0, 0], 0.985);
    const slower = truth.map((value) => value * 2);
    teach(model, truth, 300, random);
    teach(model, slower, 60, random);
    expect(off(model, slower, random)).toBeLessThan(0.12);
  });

  test('has no negative coefficient and no infinite one, whatever it is told', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.double(), fc.boolean()), { maxLength: 200 }), (answers) => {
        const model = new LeastSquares([10, 1], [0.02, 0], 0.985);
        for (const [feature, found, isOne] of answers) model.observe(Float64Array.of(isOne ? 1 : 0, feature), found, 0.01);
        for (const coefficient of model.coefficients) {
          expect(coefficient).toBeGreaterThanOrEqual(0);
          expect(coefficient).toBeLessThan(1e5);
        }
      }),
      replayable(file, 300),
    );
  });

  test('one answer that took a hundred times as long moves a settled prediction by less than a fifth', () => {
    const random = seededRandom(5);
    const model = new LeastSquares(truth, [0.02, 0, 0], 0.985);
    teach(model, truth, 200, random);
    const features = Float64Array.of(1, 50, 100_000);
    const before = model.predict(features);
    model.observe(features, before * 100, 0.004);
    expect(model.predict(features) / before).toBeLessThan(1.2);
  });
});
