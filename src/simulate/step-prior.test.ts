import { describe, expect, test } from 'vitest';
import { RooflineStepModel } from './step/roofline-step-model.ts';
import { sampleModel, samplePools } from './testing/sample-fleet.ts';
import { seededRandom } from '../std/random.ts';
import { stepPriorOf, wrongPriors, type StepPrior } from './step-prior.ts';

const fit = { computeFactor: 1.6, memoryFactor: 1.4, overheadMs: 2, perSequenceMs: 0.01 };
const prior: StepPrior = { perPrefillTokenMs: 1, perStepMs: 10, perSequenceMs: 0.1, perKvTokenMs: 0.001 };
const replicas = ['a', 'a', 'b'].map((pool) => ({ pool, prior }));

describe('a prior', () => {
  test.each(samplePools.map(({ chip }) => [chip]))('comes as near to steps as its floors do: %o', (chip) => {
    const model = new RooflineStepModel(chip, sampleModel, fit);
    const known = stepPriorOf(model);
    const decode = (decodeSequences: number, residentKvTokens: number): number =>
      model.stepMs({ prefillTokens: 0, prefillPairs: 0, prefillContextTokens: 0, decodeSequences, residentKvTokens });
    const said = known.perStepMs + 8 * known.perSequenceMs + 8000 * known.perKvTokenMs;
    expect(said / decode(8, 8000)).toBeCloseTo(1, 2);
    const prompt = model.stepMs({ prefillTokens: 2048, prefillPairs: 0, prefillContextTokens: 0, decodeSequences: 0, residentKvTokens: 0 });
    expect((2048 * known.perPrefillTokenMs + fit.overheadMs) / prompt).toBeCloseTo(1, 2);
  });

  test('is wrong by no more than is wanted, alike within a pool, and by another factor with another seed', () => {
    const factors = Array.from({ length: 200 }, (_, seed) => {
      const [first, second, other] = wrongPriors(replicas, 2, seededRandom(seed));
      expect(first).toEqual(second);
      expect(other?.perStepMs).not.toBe(first?.perStepMs);
      expect((first?.perKvTokenMs ?? 0) / prior.perKvTokenMs).toBeCloseTo((first?.perStepMs ?? 0) / prior.perStepMs, 9);
      return first?.perPrefillTokenMs ?? 0;
    });
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...factors)).toBeLessThanOrEqual(2);
    expect(factors.filter((factor) => factor < 0.7).length).toBeGreaterThan(30);
    expect(factors.filter((factor) => factor > 1.4).length).toBeGreaterThan(30);
  });

  test('that is right, or that nobody has, stays so', () => {
    expect(wrongPriors([...replicas, { pool: 'c' }], 1, seededRandom(1))).toEqual([prior, prior, prior, undefined]);
  });
});
