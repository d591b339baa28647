import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../std/clock.ts';
import { databasePath } from './journal-file.ts';
import type { UpkeepRules } from './keep-rows.ts';
import { LedgerDesk } from './ledger-desk.ts';
import { listings } from './ledger-page.ts';
import { sampleAttempt, sampleCharge, sampleClose, sampleSegment, sampleUsage } from './ledger-samples.ts';
import { openSqliteLedger } from './open-sqlite-ledger.ts';
import type { SqliteLedger } from './sqlite-ledger.ts';

const root = await mkdtemp(join(tmpdir(), 'ledger-desk-'));
afterAll(() => rm(root, { recursive: true }));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(root, 'case-'));
});

const nothing: UpkeepRules = { unknownBeforeWallMs: 0, attemptsBeforeWallMs: undefined, chargesBeforeWallMs: undefined };

async function withLedger<Value>(work: (ledger: SqliteLedger, desk: LedgerDesk) => Promise<Value>): Promise<Value> {
  const ledger = await openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock });
  try {
    return await work(ledger, new LedgerDesk((task) => ledger.ask(task)));
  } finally {
    await ledger.close();
  }
}

/** An attempt that its process left open: a graceful end leaves what is open as a kill does. */
async function lost(ids: readonly string[], progress: readonly string[]): Promise<void> {
  await withLedger(async (ledger) => {
    for (const id of ids) await ledger.openAttempt(sampleAttempt(id, { openedAtWallMs: 1000 }));
    await ledger.flush();
    for (const attemptId of progress) ledger.noteProgress({ attemptId, usage: { ...sampleUsage(100, 7), source: 'counted' }, costUsd: 0.25 });
  });
}

const states = (desk: LedgerDesk, ids: readonly string[]) =>
  desk.findAttempts(ids).then((found) => found.map(({ state, outputTokens, resolvedBy }) => [state, outputTokens, resolvedBy]));

it('88: an attempt of a dead process is unknown for a day, then settled with what was counted, or void where nothing was', async () => {
  await lost(['counted', 'silent'], ['counted']);
  await withLedger(async (_, desk) => {
    const ids = ['counted', 'silent'];
    const unknown = [
      ['U', 7, null],
      ['U', null, null],
    ];
    expect(await states(desk, ids)).toEqual(unknown);
    await desk.keep({ ...nothing, unknownBeforeWallMs: 1000 });
    expect(await states(desk, ids)).toEqual(unknown);
    expect(await desk.keep({ ...nothing, unknownBeforeWallMs: 1001 })).toEqual({
      counted: 1,
      expired: 1,
      deletedAttempts: 0,
      deletedCharges: 0,
      more: false,
    });
    expect(await states(desk, ids)).toEqual([
      ['S', 7, 'counted'],
      ['V', null, 'expired'],
    ]);
  });
});

it('88: a vendor’s bill settles what is unknown, before that day is over and after it, once; what was seen to end stays', async () => {
  await lost(['early', 'late', 'silent'], ['late']);
  await withLedger(async (ledger, desk) => {
    await ledger.openAttempt(sampleAttempt('seen'));
    ledger.closeAttempt(sampleClose('seen'));
    await ledger.openAttempt(sampleAttempt('refused'));
    ledger.closeAttempt(sampleClose('refused', { state: 'V', outcome: 'upstream_unreachable', usage: undefined, costUsd: undefined }));
    const bill = (attemptId: string, costUsd?: number) => ({
      attemptId,
      inputTokens: 100,
      cachedInputTokens: 0,
      outputTokens: 9,
      costUsd,
    });
    expect(await desk.settle([bill('early', 0.5)])).toBe(1);
    await desk.keep({ ...nothing, unknownBeforeWallMs: 2000 });
    expect(await desk.settle([bill('late'), bill('silent'), bill('seen'), bill('refused'), bill('stranger')])).toBe(2);
    expect(await desk.settle([bill('early'), bill('late'), bill('silent')])).toBe(0);
    expect(await states(desk, ['early', 'late', 'silent', 'seen', 'refused'])).toEqual([
      ['S', 9, 'vendor'],
      ['S', 9, 'vendor'],
      ['S', 9, 'vendor'],
      ['S', 50, null],
      ['V', null, null],
    ]);
    expect((await desk.findAttempts(['early', 'late'])).map(({ costUsd }) => costUsd)).toEqual([0.5, null]);
  });
});

it('retention deletes what is old in small transactions, never what is open or unknown, and leaves later windows as they were', async () => {
  await lost(['unknown'], []);
  await withLedger(async (ledger, desk) => {
    await ledger.openAttempt(sampleAttempt('open', { openedAtWallMs: 1 }));
    const count = 1200;
    for (let index = 0; index < count; index += 1) {
      const id = `old${index}`;
      await ledger.openAttempt(sampleAttempt(id, { requestId: id, openedAtWallMs: 1000 }));
      ledger.closeAttempt(sampleClose(id));
      ledger.charge(sampleCharge(id, { segments: [sampleSegment(id), sampleSegment('other')], settledAtWallMs: 1500 }));
    }
    await ledger.openAttempt(sampleAttempt('new', { requestId: 'new', openedAtWallMs: 5000 }));
    ledger.closeAttempt(sampleClose('new', { outcome: 'upstream_stream_error', costUsd: 0.125 }));
    ledger.charge(sampleCharge('new', { settledAtWallMs: 5500 }));
    const window = { groupBy: 'vendor', sinceWallMs: 5000, untilWallMs: 6000 } as const;
    const before = await ledger.usage(window);
    const rules = { unknownBeforeWallMs: 0, attemptsBeforeWallMs: 4000, chargesBeforeWallMs: 1500 };
    const first = await desk.keep(rules);
    expect(first).toMatchObject({ deletedAttempts: 500, deletedCharges: 0, more: true });
    for (let more = first.more; more;) ({ more } = await desk.keep(rules));
    expect(await ledger.usage({ groupBy: 'tenant' })).toMatchObject({
      openAttempts: 1,
      unknownAttempts: 1,
      rows: [{ attempts: 3, requests: count + 1 }],
    });
    for (let more = true; more;) ({ more } = await desk.keep({ ...rules, chargesBeforeWallMs: 1501 }));
    expect(await ledger.usage({ groupBy: 'tenant' })).toMatchObject({ rows: [{ requests: 1 }] });
    expect(await ledger.usage(window)).toEqual(before);
  });
  const database = new DatabaseSync(databasePath(directory), { readOnly: true });
  expect(database.prepare('SELECT COUNT(*) AS count FROM segments').get()).toEqual({ count: 0 });
  database.close();
});

it('the pages of a window hold each of its rows once, in the order of their time', async () => {
  await withLedger(async (ledger, desk) => {
    const count = 4321;
    for (let index = 0; index < count; index += 1) {
      await ledger.openAttempt(sampleAttempt(`a${index}`, { openedAtWallMs: 1000 + (index % 7) }));
      ledger.charge(sampleCharge(`r${index}`, { settledAtWallMs: 1000 + (index % 7), keyId: 'one' }));
    }
    for (const rows of ['charges', 'attempts'] as const) {
      const ids: unknown[] = [];
      let after;
      do {
        const page = await desk.page({ rows, sinceWallMs: 1001, untilWallMs: 1006, after });
        ids.push(...page.rows.map(([id]) => id));
        after = page.next;
        for (const row of page.rows) expect(row).toHaveLength(listings[rows].columns.length);
      } while (after !== undefined);
      const expected = Array.from({ length: count }, (_, index) => index).filter((index) => index % 7 >= 1 && index % 7 < 6);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toHaveLength(expected.length);
    }
  });
}, 30_000);

it('usage by several groupings at once adds up to that by one', async () => {
  await withLedger(async (ledger, desk) => {
    for (const [index, keyId] of ['one', 'two', 'one'].entries()) {
      const id = `r${index}`;
      await ledger.openAttempt(sampleAttempt(id, { requestId: id, keyId, openedAtWallMs: index * 86_400_000 }));
      const segments = [sampleSegment(id, { outputTokens: 25 }), sampleSegment('b', { vendor: 'amd', outputTokens: 75 })];
      ledger.charge(sampleCharge(id, { keyId, segments, settledAtWallMs: index * 86_400_000 }));
    }
    const { rows } = await desk.usageBySeveral(['day', 'key', 'vendor', 'outcome'], {});
    expect(rows.map(({ key, requests, attempts }) => [JSON.parse(key), requests, attempts])).toEqual([
      [['1970-01-01', 'one', 'amd', 'ok'], 1, 0],
      [['1970-01-01', 'one', 'nvidia', 'ok'], 1, 0],
      [['1970-01-01', 'one', 'nvidia', 'open'], 0, 1],
      [['1970-01-02', 'two', 'amd', 'ok'], 1, 0],
      [['1970-01-02', 'two', 'nvidia', 'ok'], 1, 0],
      [['1970-01-02', 'two', 'nvidia', 'open'], 0, 1],
      [['1970-01-03', 'one', 'amd', 'ok'], 1, 0],
      [['1970-01-03', 'one', 'nvidia', 'ok'], 1, 0],
      [['1970-01-03', 'one', 'nvidia', 'open'], 0, 1],
    ]);
    const total = (await ledger.usage({ groupBy: 'model' })).rows[0];
    expect(rows.reduce((sum, { outputTokens }) => sum + outputTokens, 0)).toBe(total?.outputTokens);
  });
});

it('what a vendor should bill is summed by day, model and key, without what an emulator made', async () => {
  await withLedger(async (ledger, desk) => {
    for (const [id, changes] of [
      ['a', { keyId: 'one' }],
      ['b', { keyId: 'two' }],
      ['c', { keyId: 'two', vendor: 'amd', endpointId: 'west' }],
      ['d', { evidence: 'emulated' }],
      ['open', {}],
    ] as const) {
      await ledger.openAttempt(sampleAttempt(id, changes));
      if (id !== 'open') ledger.closeAttempt(sampleClose(id, id === 'b' ? { costUsd: undefined } : {}));
    }
    const window = { sinceWallMs: 0, untilWallMs: 10_000 };
    const all = await desk.sumAttempts({ ...window, vendor: undefined, endpointId: undefined, byKey: false });
    expect(all).toMatchObject([{ day: '1970-01-01', model: 'llama-70b', attempts: 4, unsettled: 1, outputTokens: 150, costUsd: 0.002, unpriced: 1 }]);
    const west = await desk.sumAttempts({ ...window, vendor: 'amd', endpointId: 'west', byKey: true });
    expect(west).toMatchObject([{ keyId: 'two', attempts: 1, outputTokens: 50 }]);
  });
});

it('a backup is whole, for this user only, restores as a ledger of its own, and never writes over a file', async () => {
  const copy = join(directory, 'copies');
  const restored = join(root, 'restored');
  const before = await withLedger(async (ledger, desk) => {
    for (const id of ['r1', 'r2']) {
      await ledger.openAttempt(sampleAttempt(id));
      ledger.closeAttempt(sampleClose(id));
      ledger.charge(sampleCharge(id));
    }
    await desk.backUp(copy);
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
    await expect(desk.backUp(copy)).rejects.toThrow(/exists already/);
    await expect(desk.backUp(join(directory, 'no', 'folder'))).rejects.toThrow(/^The ledger backup /);
    const usage = await ledger.usage({ groupBy: 'model' });
    ledger.charge(sampleCharge('after'));
    return usage;
  });
  expect((await readdir(directory)).toSorted()).toEqual(['copies', 'ledger.sqlite']);
  await mkdir(restored);
  await copyFile(copy, databasePath(restored));
  directory = restored;
  await withLedger(async (ledger) => expect(await ledger.usage({ groupBy: 'model' })).toEqual(before));
});
