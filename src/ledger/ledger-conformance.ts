import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerDefects } from './ledger-defects.ts';
import { sampleAttempt, sampleCharge, sampleClose, sampleRow, sampleSegment, sampleUsage } from './ledger-samples.ts';
import type { Ledger, UsageQuery } from './ledger.ts';

export type ConformingLedger = Ledger & { readonly health: () => LedgerDefects };

/** What every implementation of `Ledger` must do; `open` gives a new, empty one. */
export function ledgerConformance(name: string, open: () => Promise<ConformingLedger>): void {
  describe(`${name} as a ledger`, () => {
    let ledger: ConformingLedger;
    beforeEach(async () => {
      ledger = await open();
    });
    afterEach(() => ledger.close());

    const usage = async (groupBy: UsageQuery['groupBy'], window: Partial<UsageQuery> = {}) => {
      await ledger.flush();
      return ledger.usage({ groupBy, ...window });
    };
    it('an empty ledger reports nothing', async () => {
      expect(await usage('model')).toEqual({ rows: [], openAttempts: 0, unknownAttempts: 0 });
    });

    it('an attempt is open until it is closed, and the first close stands', async () => {
      await ledger.openAttempt(sampleAttempt('a'));
      expect(await usage('model')).toMatchObject({ openAttempts: 1, unknownAttempts: 0 });
      ledger.closeAttempt(sampleClose('a', { state: 'U', outcome: 'upstream_timeout', usage: undefined, costUsd: undefined }));
      ledger.closeAttempt(sampleClose('a'));
      expect(await usage('model')).toMatchObject({ openAttempts: 0, unknownAttempts: 1 });
      expect(ledger.health().ignoredCloses).toBe(1);
    });

    it('a close of an attempt that nobody opened changes nothing and is counted', async () => {
      ledger.closeAttempt(sampleClose('stranger', { state: 'U' }));
      expect(await usage('model')).toEqual({ rows: [], openAttempts: 0, unknownAttempts: 0 });
      expect(ledger.health().ignoredCloses).toBe(1);
    });

    it('an attempt id is used once', async () => {
      await ledger.openAttempt(sampleAttempt('a'));
      await ledger.openAttempt(sampleAttempt('a', { model: 'other' }));
      expect((await usage('model')).rows).toEqual([sampleRow('llama-70b', { attempts: 1 })]);
      expect(ledger.health().duplicateAttempts).toBe(1);
    });

    it('a request is charged once however often it is settled', async () => {
      ledger.charge(sampleCharge('r'));
      ledger.charge(sampleCharge('r', { chargeUsd: 5, usage: sampleUsage(9, 9) }));
      expect((await usage('model')).rows).toEqual([sampleRow('llama-70b', { requests: 1, inputTokens: 100, outputTokens: 50, usd: 0.002 })]);
      expect(ledger.health().duplicateCharges).toBe(1);
    });

    it('an unknown price is counted as unpriced, an explicit price of zero is not', async () => {
      ledger.charge(sampleCharge('unpriced', { chargeUsd: undefined }));
      ledger.charge(sampleCharge('free', { chargeUsd: 0 }));
      for (const groupBy of ['model', 'vendor'] as const) {
        expect((await usage(groupBy)).rows).toMatchObject([{ requests: 2, usd: 0, unpricedRequests: 1 }]);
      }
    });

    it('an answer made on two chips counts on both in proportion, and no token is lost in between', async () => {
      ledger.charge(
        sampleCharge('r', {
          usage: sampleUsage(101, 77),
          chargeUsd: 0.04,
          segments: [
            sampleSegment('a', { outputTokens: 25 }),
            sampleSegment('b', { outputTokens: 75, vendor: 'amd', chip: 'MI300X', endpointId: 'west', evidence: 'declared' }),
          ],
        }),
      );
      const nvidia = { requests: 1, inputTokens: 25, outputTokens: 19, usd: 0.01 };
      const amd = { requests: 1, inputTokens: 76, outputTokens: 58, usd: 0.03 };
      expect((await usage('vendor')).rows).toEqual([sampleRow('amd', amd), sampleRow('nvidia', nvidia)]);
      expect((await usage('endpoint')).rows).toEqual([sampleRow('east', nvidia), sampleRow('west', amd)]);
      expect((await usage('evidence')).rows).toEqual([sampleRow('declared', amd), sampleRow('measured', nvidia)]);
      expect((await usage('tenant')).rows).toEqual([sampleRow('research', { requests: 1, inputTokens: 101, outputTokens: 77, usd: 0.04 })]);
    });

    it('emulated tokens are never summed under the vendor that they imitate', async () => {
      const emulated = { vendor: 'groq', endpointId: 'lab', evidence: 'emulated' } as const;
      await ledger.openAttempt(sampleAttempt('a', emulated));
      ledger.charge(sampleCharge('real', { segments: [sampleSegment('b', { vendor: 'groq' })] }));
      ledger.charge(sampleCharge('imitated', { segments: [sampleSegment('a', emulated)] }));
      const tokens = { requests: 1, inputTokens: 100, outputTokens: 50, usd: 0.002 };
      expect((await usage('vendor')).rows).toEqual([sampleRow('groq', tokens), sampleRow('groq (emulated)', { ...tokens, attempts: 1 })]);
    });

    it('a charge that no attempt produced text for stands under no vendor', async () => {
      ledger.charge(sampleCharge('r', { segments: [], usage: sampleUsage(10, 0) }));
      expect((await usage('vendor')).rows).toEqual([sampleRow('none', { requests: 1, inputTokens: 10, usd: 0.002 })]);
    });

    it('a window takes its start and leaves its end', async () => {
      for (const wallMs of [100, 200, 300]) {
        await ledger.openAttempt(sampleAttempt(`a${wallMs}`, { openedAtWallMs: wallMs }));
        ledger.charge(sampleCharge(`r${wallMs}`, { settledAtWallMs: wallMs }));
      }
      const report = await usage('vendor', { sinceWallMs: 200, untilWallMs: 300 });
      expect(report).toMatchObject({ openAttempts: 1, rows: [{ key: 'nvidia', requests: 1, attempts: 1 }] });
    });

    it('requests stand under the key that they were asked with, and without one under the empty key', async () => {
      await ledger.openAttempt(sampleAttempt('a', { keyId: 'key one' }));
      ledger.charge(sampleCharge('r', { keyId: 'key one', segments: [sampleSegment('a')] }));
      ledger.charge(sampleCharge('split', { keyId: 'key one', segments: [sampleSegment('b'), sampleSegment('c')] }));
      ledger.charge(sampleCharge('open to all'));
      const tokens = { inputTokens: 100, outputTokens: 50, usd: 0.002 };
      expect((await usage('key')).rows).toEqual([
        sampleRow('', { requests: 1, ...tokens }),
        sampleRow('key one', { requests: 2, attempts: 1, inputTokens: 200, outputTokens: 100, usd: 0.004 }),
      ]);
    });

    it('usage is counted by route, chip, outcome and day of UTC', async () => {
      const lastMs = Date.UTC(2026, 9, 25, 23, 59, 59, 999);
      await ledger.openAttempt(sampleAttempt('a', { route: 'messages', chip: 'MI300X', openedAtWallMs: lastMs }));
      ledger.charge(
        sampleCharge('r', {
          route: 'messages',
          outcome: 'client_closed',
          segments: [sampleSegment('a', { chip: 'MI300X' })],
          settledAtWallMs: lastMs + 1,
        }),
      );
      const attempt = { attempts: 1 };
      const charge = { requests: 1, inputTokens: 100, outputTokens: 50, usd: 0.002 };
      expect((await usage('route')).rows).toEqual([sampleRow('messages', { ...attempt, ...charge })]);
      expect((await usage('chip')).rows).toEqual([sampleRow('MI300X', { ...attempt, ...charge })]);
      expect((await usage('outcome')).rows).toEqual([sampleRow('client_closed', charge), sampleRow('open', attempt)]);
      expect((await usage('day')).rows).toEqual([sampleRow('2026-10-25', attempt), sampleRow('2026-10-26', charge)]);
    });

    it('what failed and losing attempts cost stands apart from what clients are charged', async () => {
      const attempts = [
        ['winner', 'ok'],
        ['loser', 'hedge_lost'],
        ['first half', 'upstream_stream_error'],
      ] as const;
      for (const [id, outcome] of attempts) {
        await ledger.openAttempt(sampleAttempt(id, { requestId: 'r' }));
        ledger.closeAttempt(sampleClose(id, { outcome, costUsd: 0.25 }));
      }
      await ledger.openAttempt(sampleAttempt('of nothing', { requestId: 'failed' }));
      ledger.closeAttempt(sampleClose('of nothing', { outcome: 'upstream_stream_error', costUsd: 0.5 }));
      ledger.charge(sampleCharge('r', { chargeUsd: 0.5, segments: [sampleSegment('first half'), sampleSegment('winner')] }));
      ledger.charge(sampleCharge('failed', { outcome: 'upstream_stream_error', chargeUsd: 0, segments: [sampleSegment('of nothing')] }));
      const row = { requests: 2, attempts: 4, inputTokens: 200, outputTokens: 100, usd: 0.5, lostUsd: 0.75 };
      expect((await usage('model')).rows).toEqual([sampleRow('llama-70b', row)]);
    });

    it('names come back as they were given, whatever characters they hold', async () => {
      const tenant = `Zoë's "team"\n\u0000\u2028'); DROP TABLE charges; --`;
      ledger.charge(sampleCharge(tenant, { tenant, keyId: tenant }));
      for (const groupBy of ['tenant', 'key'] as const) expect((await usage(groupBy)).rows).toMatchObject([{ key: tenant, requests: 1 }]);
    });
  });
}
