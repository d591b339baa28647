import { expect, test } from 'vitest';
import { LeaseWorld, type LeaseScene } from './lease-world.ts';
import { sampleLimits, sampleNeed, sampleRules } from '../../src/budget/testing/sample-rules.ts';
import { seededRandom } from '../../src/std/random.ts';

const file = 'test/simulation/leases.test.ts';
const seeds = process.env['SEED'] === undefined ? Array.from({ length: 100 }, (_, index) => index + 1) : [Number(process.env['SEED'])];
const payers = [
  { keyId: 'a', tenant: 'x' },
  { keyId: 'b', tenant: 'x' },
  { keyId: 'c', tenant: 'y' },
];
const most = sampleNeed({ mostTokens: 60, mostNanoUsd: 5_000_000, rateTokens: 60 });

/** Scenes in which limits of every kind are nearly reached, or reached at once, or never. */
function sceneOf(seed: number): LeaseScene {
  const random = seededRandom(seed * 7919);
  const up = (least: number, more: number): number => least + Math.floor(random() * more);
  const perhaps = <Value>(value: Value): Value | undefined => (random() < 0.5 ? value : undefined);
  const limits = (times: number): ReturnType<typeof sampleLimits> =>
    sampleLimits({
      usdPerDay: perhaps((times * up(10, 600)) / 1000),
      tokensPerDay: perhaps(times * up(200, 6000)),
      tokensPerMonth: perhaps(times * up(200, 8000)),
      requestsPerMinute: perhaps(times * up(4, 200)),
      tokensPerMinute: perhaps(times * up(100, 6000)),
      concurrentRequests: perhaps(times * up(2, 30)),
    });
  const setsBack = random() < 0.15;
  return {
    rules: sampleRules({ eachKey: limits(1), eachTeam: limits(2), whole: limits(3) }),
    payers,
    holders: up(1, 4),
    requests: up(100, 500),
    everyMs: [2, 20, 300][up(0, 3)] ?? 20,
    lastsMs: [20, 300, 5000][up(0, 3)] ?? 300,
    mostDelayMs: [1, 10, 80][up(0, 3)] ?? 10,
    most,
    // Some play over a midnight.
    beginsAtWallMs: Date.parse('2026-06-15T00:00:00Z') - up(0, 30_000),
    deaths: random() < 0.4 ? up(1, 3) : 0,
    setBackMs: setsBack ? up(1000, 60_000) : 0,
  };
}

test('S26: holders and their arbiter, with messages that take their time, deaths, midnights and clocks set back: nothing is over, nobody refused for nothing, nothing is lost', async () => {
  let here = 0;
  for (const seed of seeds) {
    const replay = `seed ${seed}; replay with: SEED=${seed} npm test -- ${file}`;
    const scene = sceneOf(seed);
    const world = new LeaseWorld(scene, seed);
    await world.play();
    expect(world.truth.wrongs, replay).toEqual([]);
    const { wallMs } = world.at();
    for (const { level, id, of, period, spent, reserved } of world.budgets.standing(wallMs)) {
      const should = world.truth.spentOf(level, id, of, period, wallMs) / (of === 'usd' ? 1e9 : 1);
      // After a clock was set back, what a dead process had told long ago may be counted again: too much, never too little.
      const isDoubtful = scene.deaths > 0 && scene.setBackMs > 0 && spent > should;
      expect([level, id, of, period, isDoubtful ? should : spent, reserved], replay).toEqual([level, id, of, period, should, 0]);
    }
    for (const meter of world.budgets.meters()) {
      const left = meter.left(world.at());
      if (meter.sort !== 'spend') expect([meter.sort, left], replay).toEqual([meter.sort, meter.most]);
      expect(world.book.stockOf(meter), replay).toBe(0);
    }
    expect([world.keepers.map(({ size }) => size), world.book.hasWaiting], replay).toEqual([world.keepers.map(() => 0), false]);
    here += world.admittedHere;
  }
  if (seeds.length > 1) expect(here).toBeGreaterThan(0);
}, 120_000);

test('where there is plenty, a holder seldom asks', async () => {
  const plenty = sampleLimits({ usdPerDay: 1000, tokensPerDay: 1e8, requestsPerMinute: 1e6, tokensPerMinute: 1e8, concurrentRequests: 1e4 });
  const scene = {
    ...sceneOf(1),
    rules: sampleRules({ eachKey: plenty, whole: plenty }),
    holders: 2,
    requests: 1500,
    everyMs: 1,
    deaths: 0,
    setBackMs: 0,
  };
  const world = new LeaseWorld({ ...scene, lastsMs: 20, mostDelayMs: 1 }, 1);
  await world.play();
  expect(world.truth.wrongs).toEqual([]);
  expect([world.truth.admissions, world.truth.refusals]).toEqual([1500, 0]);
  expect(world.admittedHere).toBeGreaterThan(1450);
  expect(world.messages).toBeLessThan(300);
});
