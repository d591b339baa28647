import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LedgerError } from './ledger-error.ts';
import { openSqliteLedger } from './open-sqlite-ledger.ts';
import { readSpentByKey, readSpentByMark } from './read-spent.ts';
import { sampleCharge } from './ledger-samples.ts';
import { seededRandom } from '../std/random.ts';
import { systemClock } from '../std/clock.ts';
import { timeOrderedIds } from '../std/time-ordered-id.ts';
import { toNanoUsd } from '../budget/nano-usd.ts';

function directoryOfItsOwn(): string {
  const directory = mkdtempSync(join(tmpdir(), 'second-source-spent-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test('the sums by key are those of the charges, each rounded as budgets round it, from a moment to before another', async () => {
  const directory = directoryOfItsOwn();
  const ledger = await openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock });
  const random = seededRandom(3);
  const sums = new Map<string, { tokens: number; nanoUsd: number }>();
  for (let index = 0; index < 500; index += 1) {
    const [keyId, tenant] = random() < 0.5 ? ['one', 'x'] : ['two', random() < 0.5 ? 'x' : 'y'];
    const usage = {
      inputTokens: Math.floor(random() * 1000),
      cachedInputTokens: 0,
      outputTokens: Math.floor(random() * 1000),
      source: 'upstream',
    } as const;
    const chargeUsd = random() < 0.1 ? undefined : random() ** 8;
    const outcome = random() < 0.2 ? 'upstream_error' : random() < 0.5 ? 'ok' : 'client_closed';
    const settledAtWallMs = 1000 + Math.floor(random() * 3);
    ledger.charge(sampleCharge(`r${index}`, { keyId, tenant, usage, chargeUsd, outcome, settledAtWallMs }));
    if (settledAtWallMs === 1002 || outcome === 'upstream_error') continue;
    const sum = sums.get(`${keyId} ${tenant}`) ?? { tokens: 0, nanoUsd: 0 };
    sums.set(`${keyId} ${tenant}`, {
      tokens: sum.tokens + usage.inputTokens + usage.outputTokens,
      nanoUsd: sum.nanoUsd + toNanoUsd(chargeUsd ?? 0),
    });
  }
  await ledger.close();
  const rows = readSpentByKey(directory, 1000, 1002);
  expect(new Map(rows.map(({ keyId, tenant, tokens, nanoUsd }) => [`${keyId} ${tenant}`, { tokens, nanoUsd }]))).toEqual(sums);
});

test('what one of several processes charged is told of by the mark in its ids, second by second', async () => {
  const directory = directoryOfItsOwn();
  const ledger = await openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock });
  const usage = { inputTokens: 3, cachedInputTokens: 0, outputTokens: 4, source: 'upstream' } as const;
  const charged = (mark: string, settledAtWallMs: number, outcome = 'ok'): void => {
    const id = timeOrderedIds({ wallMs: () => settledAtWallMs }, (digits) => randomBytes(digits / 2).toString('hex'), mark)();
    ledger.charge(sampleCharge(`req_${id}`, { keyId: 'k', tenant: 't', usage, chargeUsd: 0.5, outcome, settledAtWallMs }));
  };
  for (const atMs of [1000, 5000, 5999, 6000]) charged('a7', atMs);
  charged('a7', 5500, 'upstream_error');
  charged('7a', 5500);
  await ledger.close();
  expect(readSpentByMark(directory, 'a7', 5000)).toEqual([
    { keyId: 'k', tenant: 't', second: 5, tokens: 14, nanoUsd: 1_000_000_000 },
    { keyId: 'k', tenant: 't', second: 6, tokens: 7, nanoUsd: 500_000_000 },
  ]);
});

test('a ledger that cannot be read is an error in one sentence, never nothing spent', () => {
  expect(() => readSpentByKey(join(directoryOfItsOwn(), 'none'), 0, 1)).toThrow(LedgerError);
});
