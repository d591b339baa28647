import { expect, test } from 'vitest';
import { killRounds, type KillRound, type LedgerPolicy } from '../support/kill-rounds.ts';
import { seededRandom } from '../../src/std/random.ts';

const policies: readonly LedgerPolicy[] = [{ fsync: 'interval' }, { fsync: 'always' }];

test.each(policies)(
  '88: kill -9 under 500 streams with fsync $fsync: after the restart every attempt is accounted for, every charge is the upstream’s own figure',
  async (policy) => {
    const rounds: KillRound[] = [];
    await killRounds({ rounds: 2, streams: 500, random: seededRandom(88), policy, onRound: (round) => rounds.push(round) });
    expect(rounds).toHaveLength(2);
    for (const { mismatches, inFlight, attempts, settled, unknown, byVendor, charges, neverArrived, unlike } of rounds) {
      expect(mismatches).toEqual([]);
      expect(unlike).toBe(0);
      expect(inFlight).toBeGreaterThanOrEqual(400);
      expect(settled + unknown).toBe(attempts);
      expect(charges).toBe(settled - byVendor);
      expect(unknown).toBeGreaterThan(300);
      expect(neverArrived).toBeLessThanOrEqual(unknown);
    }
  },
  120_000,
);
