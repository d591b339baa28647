import { expect, test } from 'vitest';
import { killRounds, type KillRound } from '../support/kill-rounds.ts';
import { seededRandom } from '../../src/std/random.ts';

test('kill -9 under 500 streams: after the restart every attempt is accounted for, every charge is the upstream’s own figure', async () => {
  const rounds: KillRound[] = [];
  await killRounds({ rounds: 2, streams: 500, random: seededRandom(88), onRound: (round) => rounds.push(round) });
  expect(rounds).toHaveLength(2);
  for (const { mismatches, inFlight, attempts, settled, unknown, charges, neverArrived } of rounds) {
    expect(mismatches).toEqual([]);
    expect(inFlight).toBeGreaterThanOrEqual(400);
    expect(settled + unknown).toBe(attempts);
    expect(charges).toBe(settled);
    expect(unknown).toBeGreaterThan(300);
    expect(neverArrived).toBeLessThanOrEqual(unknown);
  }
}, 120_000);
