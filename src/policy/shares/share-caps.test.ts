import { beforeAll, describe, expect, test } from 'vitest';
import { adversaries, broken, pacedWorld, randomWorld, runWorld } from './testing/share-world.ts';
import { leastCostUsd } from './testing/least-cost.ts';
import { loadHighsSolver } from '../../simulate/bound/highs-solver.ts';
import { sampleCandidate, sampleEndpoint } from '../../fleet/testing/sample-endpoint.ts';
import { seededRandom } from '../../std/random.ts';
import { ShareCaps } from './share-caps.ts';
import type { Candidate } from '../../fleet/candidate.ts';
import type { LinearSolver } from '../../simulate/bound/linear-programme.ts';
import type { RequestSize } from '../choice/ask.ts';
import type { ShareCap } from './share-cap.ts';
import type { SiliconEvidence } from '../../fleet/silicon.ts';

const onlySeed = process.env['SEED'];
const seeds = (count: number): readonly number[] =>
  onlySeed === undefined ? Array.from({ length: count }, (_, index) => index) : [Number(onlySeed)];
const replay = (seed: number): string => `replay with: SEED=${seed} npm test -- src/policy/shares`;

const half: ShareCap = {
  id: 'half',
  group: { by: 'vendor', name: 'nvidia' },
  measure: 'tokens',
  kind: 'hard',
  most: 0.5,
  windowMs: 1000,
  minimumVolume: 200,
  countEmulated: false,
};
const options = { originMs: 0, controlGroupOf: (vendor: string) => (vendor === 'groq' ? 'nvidia' : vendor) };
const hundred: RequestSize = { tokens: 100, usd: 0.001 };

function candidateOn(vendor: string, evidence: SiliconEvidence = 'declared'): Candidate {
  return sampleCandidate({ endpoint: sampleEndpoint({ id: `on-${vendor}`, silicon: { vendor, chip: `${vendor}-1`, evidence } }) });
}

const [nvidia, amd, groq] = [candidateOn('nvidia'), candidateOn('amd'), candidateOn('groq')];

describe('shares of vendors in simulated fleets', () => {
  let solver: LinearSolver;
  beforeAll(async () => {
    solver = await loadHighsSolver();
  });

  test('hard caps hold at the end of every window, whatever is done to the lengths of answers', () => {
    for (const seed of seeds(300)) expect(broken(runWorld(randomWorld(seededRandom(seed)))), replay(seed)).toEqual([]);
  }, 120_000);

  test('soft caps end within two points', () => {
    for (const seed of seeds(adversaries.length * 5)) {
      const world = pacedWorld(seededRandom(seed), 'soft', adversaries[seed % adversaries.length] ?? 'honest');
      expect(broken(runWorld(world), 0.02), replay(seed)).toEqual([]);
    }
  }, 120_000);

  test('a cap of 60 percent costs at most 5 percent more than the best that could be done with all lengths known', () => {
    for (const seed of seeds(3)) {
      const world = pacedWorld(seededRandom(seed), 'hard', 'honest');
      const end = runWorld(world);
      expect(end.usd / leastCostUsd(world, end, solver), replay(seed)).toBeLessThanOrEqual(1.05);
    }
  }, 120_000);
});

describe('a hard cap', () => {
  test('has room anywhere only while it admits everybody, and says whether it counts money', () => {
    const shares = new ShareCaps([half], options);
    expect(shares.admitsAnywhere(hundred, 0)).toBe(true);
    shares.dispatched(nvidia, hundred, 0);
    expect(shares.admitsAnywhere(hundred, 1)).toBe(false);
    expect([shares.admits(nvidia, hundred, 1), shares.admits(amd, hundred, 1)]).toEqual([false, true]);
    expect([shares.countsUsd(), new ShareCaps([{ ...half, measure: 'usd' }], options).countsUsd()]).toEqual([false, true]);
    expect(shares.isFree(2)).toBe(shares.priceUsd(nvidia, hundred, 2) === 0);
  });

  test('lets its part of the minimum volume pass, then waits until the rest has settled as much', () => {
    const shares = new ShareCaps([half], options);
    shares.dispatched(nvidia, hundred, 0);
    expect(shares.admits(nvidia, hundred, 1)).toBe(false);
    const hold2 = shares.dispatched(amd, hundred, 2);
    expect(shares.admits(nvidia, hundred, 3)).toBe(false);
    shares.settled(hold2, { tokens: 200, usd: 0.002 }, 4);
    expect(shares.admits(nvidia, hundred, 5)).toBe(true);
    expect(shares.admits(amd, hundred, 5)).toBe(true);
  });

  test('is told what was not used, and begins anew with each window', () => {
    const shares = new ShareCaps([half], options);
    const hold1 = shares.dispatched(nvidia, hundred, 0);
    shares.settled(hold1, { tokens: 0, usd: 0 }, 1);
    expect(shares.admits(nvidia, hundred, 1)).toBe(true);
    shares.dispatched(nvidia, hundred, 2);
    expect([shares.admits(nvidia, hundred, 999), shares.roomInMs(nvidia, 400)]).toEqual([false, 600]);
    expect(shares.admits(nvidia, hundred, 1000)).toBe(true);
  });

  test('counts a running request by the most that it can come to, and one that nobody tells of for good', () => {
    const shares = new ShareCaps([half], options);
    expect(shares.admits(nvidia, { ...hundred, mostTokens: 101 }, 0)).toBe(false);
    const hold1 = shares.dispatched(nvidia, { tokens: 10, usd: 0.001, mostTokens: 100 }, 0);
    shares.settled(hold1, undefined, 1);
    expect(shares.admits(nvidia, { tokens: 1, usd: 0.001 }, 2)).toBe(false);
  });

  test('takes unknown silicon for the capped, and what is emulated for nobody’s unless it is told to', () => {
    const unknown = candidateOn('unknown', 'unknown');
    const emulated = candidateOn('nvidia', 'emulated');
    const full = (cap: ShareCap): ShareCaps => {
      const shares = new ShareCaps([cap], options);
      shares.dispatched(nvidia, hundred, 0);
      return shares;
    };
    expect([unknown, emulated].map((one) => full(half).admits(one, hundred, 1))).toEqual([false, true]);
    expect([unknown, emulated].map((one) => full({ ...half, countEmulated: true }).admits(one, hundred, 1))).toEqual([false, false]);
    const shares = new ShareCaps([half], options);
    const hold1 = shares.dispatched(emulated, { tokens: 9000, usd: 0.1 }, 0);
    shares.settled(hold1, { tokens: 9000, usd: 0.1 }, 1);
    expect(shares.standings(2)).toMatchObject([{ share: 0, state: 'below-minimum' }]);
  });

  test('on a control group counts all its vendors', () => {
    const shares = new ShareCaps([{ ...half, group: { by: 'controlGroup', name: 'nvidia' } }], options);
    shares.dispatched(groq, hundred, 0);
    expect([shares.admits(nvidia, hundred, 1), shares.admits(amd, hundred, 1)]).toEqual([false, true]);
  });

  test('on money admits nobody whose price is not known', () => {
    const shares = new ShareCaps([{ ...half, measure: 'usd', minimumVolume: 1 }], options);
    expect([shares.admits(nvidia, hundred, 0), shares.admits(nvidia, { tokens: 1, usd: undefined }, 0)]).toEqual([true, false]);
    expect(shares.admits(amd, { tokens: 1, usd: undefined }, 0)).toBe(true);
  });

  test('yields while another vendor is lost, for its models, and holds again afterwards without making up for it', () => {
    const shares = new ShareCaps([half], options);
    shares.dispatched(nvidia, hundred, 0);
    shares.declareLoss({ by: 'vendor', name: 'nvidia' }, 1);
    expect(shares.admits(nvidia, hundred, 1)).toBe(false);
    shares.declareLoss({ by: 'vendor', name: 'amd' }, 1, ['another']);
    expect(shares.admits(nvidia, hundred, 1)).toBe(false);
    shares.declareLoss({ by: 'vendor', name: 'amd' }, 1);
    expect([shares.admits(nvidia, hundred, 1), shares.priceUsd(nvidia, hundred, 1)]).toEqual([true, 0]);
    expect(shares.standings(1)).toMatchObject([{ state: 'yielding' }]);
    const hold2 = shares.dispatched(nvidia, { tokens: 5000, usd: 0.05 }, 2);
    shares.settled(hold2, { tokens: 5000, usd: 0.05 }, 3);
    shares.endLoss({ by: 'vendor', name: 'amd' });
    expect(shares.admits(nvidia, hundred, 4)).toBe(false);
    const hold3 = shares.dispatched(amd, hundred, 4);
    shares.settled(hold3, { tokens: 200, usd: 0.002 }, 5);
    expect(shares.admits(nvidia, hundred, 6)).toBe(true);
    expect(shares.standings(6)).toMatchObject([{ share: 5100 / 5300 }]);
  });

  test('that stays as it is keeps its counts when others change; a new one counts from then on', () => {
    const shares = new ShareCaps([half], options);
    const hold1 = shares.dispatched(nvidia, hundred, 0);
    shares.change([{ ...half }, { ...half, id: 'other', most: 0.9 }]);
    expect(shares.admits(nvidia, hundred, 1)).toBe(false);
    shares.change([{ ...half, most: 0.6 }]);
    expect(shares.admits(nvidia, hundred, 1)).toBe(true);
    shares.settled(hold1, hundred, 2);
    shares.change([]);
    expect(shares.standings(3)).toEqual([]);
  });
});

test('what a cap displaces is counted with what it costs, with the cap that kept it away alone', () => {
  const shares = new ShareCaps([half, { ...half, id: 'wide', most: 1 }], options);
  shares.dispatched(nvidia, hundred, 0);
  expect(shares.admits(nvidia, hundred, 1)).toBe(false);
  shares.displaced(nvidia, amd, hundred, { usd: 0.002, ttftMs: 50 });
  shares.displaced(nvidia, amd, hundred, { usd: 0.001, ttftMs: undefined });
  shares.displaced(amd, nvidia, hundred, { usd: 5, ttftMs: 5 });
  const [capped, wide] = shares.standings(2);
  expect(capped?.displaced).toEqual({ requests: 2, tokens: 200, extraUsd: 0.003, extraTtftMs: 50 });
  expect(wide?.displaced.requests).toBe(0);
});

test('what a cap adds to a price is that of the endpoint, whoever stood at its place before', () => {
  const shares = new ShareCaps([{ ...half, kind: 'soft' }], options);
  for (let index = 0; index < 50; index += 1) shares.settled(shares.dispatched(nvidia, hundred, index), { tokens: 100, usd: 0.001 }, index);
  const dear = shares.priceUsd(nvidia, hundred, 50);
  expect(dear).toBeGreaterThan(0);
  for (const [candidate, usd] of [
    [nvidia, dear],
    [amd, 0],
    [nvidia, dear],
  ] as const) {
    expect(shares.priceUsd(candidate, hundred, 50, 0)).toBe(usd);
    expect(shares.priceUsd(candidate, hundred, 50, 2000)).toBe(usd);
  }
});
