import { describe, expect, test } from 'vitest';
import { equalGoodput } from './equal-goodput.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { verdictsOn } from './verdicts.ts';
import type { CaseResult } from './study.ts';

const runs = (policy: string, load: number, goodputs: readonly number[]): CaseResult[] =>
  goodputs.map((goodput, seed) => sampleResult({ policy, load, seed, goodput, usd: 100 * goodput }));

describe('a verdict', () => {
  const outcome = (load: number, ours: readonly number[], theirs: readonly number[]): string | undefined =>
    verdictsOn('ours', [...runs('ours', load, ours), ...runs('theirs', load, theirs)], [])[0]?.outcome;

  test('pairs seeds: a small gain on each of unequal seeds is ahead', () => {
    expect(outcome(0.85, [0.51, 0.91, 0.71], [0.5, 0.9, 0.695])).toBe('held');
  });

  test('from 85 % on wants more than equality, below that no more', () => {
    expect(outcome(0.85, [0.5, 0.6], [0.5, 0.6])).toBe('not shown');
    expect(outcome(0.6, [0.5, 0.6], [0.5, 0.6])).toBe('held');
    expect(outcome(0.6, [0.5, 0.601], [0.504, 0.604])).toBe('not shown');
  });

  test('says that it was missed where the interval lies on the other side, whoever else was beaten', () => {
    const results = [...runs('ours', 1, [0.5, 0.6]), ...runs('theirs', 1, [0.6, 0.7]), ...runs('weak', 1, [0.1, 0.2])];
    const [verdict] = verdictsOn('ours', results, [{ trace: 'trace', load: 1, seed: 1, goodput: 0.8 }]);
    expect(verdict).toMatchObject({ demand: 'ahead', outcome: 'missed', ofBound: expect.closeTo(0.75, 9) });
    expect(verdict?.rivals.map((one) => [one.rival, one.outcome])).toEqual([
      ['theirs', 'missed'],
      ['weak', 'held'],
    ]);
  });

  test('is given to nobody with one seed', () => {
    expect(outcome(1, [0.9], [0.1])).toBe('not shown');
  });
});

describe('the cost at equal goodput', () => {
  const options = { ours: 'ours', goodput: 0.9, fullRate: 10, rentUsdPerHour: 36 };

  test('is taken where each policy’s line falls through it, with an interval over the seeds', () => {
    const results = [
      ...runs('ours', 0.6, [1, 0.98]),
      ...runs('ours', 1, [0.8, 0.82]),
      ...runs('theirs', 0.6, [0.92, 0.9]),
      ...runs('theirs', 1, [0.7, 0.72]),
    ];
    const [own, other] = equalGoodput(results, options);
    expect(own).toMatchObject({ load: { kind: 'found', load: expect.closeTo(0.8, 9) }, rentUsdPerGood: expect.closeTo(36 / (3600 * 8 * 0.9), 12) });
    expect(own?.tokenUsdPerGood).toBeCloseTo(1, 9);
    expect(other?.rentOverOurs?.ratio).toBeCloseTo(0.8 / 0.62, 9);
    expect(other?.rentOverOurs?.from).toBeLessThan(0.8 / 0.62);
  });

  test('is at least a ratio where ours never falls so low', () => {
    const results = [
      ...runs('ours', 0.6, [1, 1]),
      ...runs('ours', 1, [0.95, 0.95]),
      ...runs('theirs', 0.6, [1, 1]),
      ...runs('theirs', 1, [0.8, 0.8]),
    ];
    expect(equalGoodput(results, options)[1]?.rentOverOurs).toMatchObject({ ratio: expect.closeTo(1 / 0.8, 9), isLeast: true });
  });

  test('claims no number where a policy never falls so low, or never comes so high', () => {
    const results = [...runs('ours', 0.6, [1, 1]), ...runs('theirs', 0.6, [0.5, 0.5])];
    expect(equalGoodput(results, options)).toMatchObject([
      { policy: 'ours', load: { kind: 'least', load: 0.6 } },
      { policy: 'theirs', load: { kind: 'none' }, rentUsdPerGood: undefined, rentOverOurs: undefined },
    ]);
  });
});
