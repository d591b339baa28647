import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { controlledLedger } from '../compose/controlled-ledger.ts';
import { LedgerDesk } from '../ledger/ledger-desk.ts';
import { openaiBill } from '../ledger/reconcile/reconcile-samples.ts';
import { openSqliteLedger } from '../ledger/open-sqlite-ledger.ts';
import { runCaptured, type Captured } from './testing/run-captured.ts';
import { sampleAttempt, sampleCharge, sampleClose, sampleSegment } from '../ledger/ledger-samples.ts';
import { silentGateway } from '../../test/support/silent-gateway.ts';
import { startTestControl, type TestControl } from '../../test/support/test-control.ts';
import { systemClock } from '../std/clock.ts';
import type { SqliteLedger } from '../ledger/sqlite-ledger.ts';

let folder: string;
let ledger: SqliteLedger;
let control: TestControl;
const inDirectory = (directory: string): Promise<SqliteLedger> => openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-commands-'));
  const directory = join(folder, 'ledger');
  ledger = await inDirectory(directory);
  const desk = new LedgerDesk((task) => ledger.ask(task));
  const gateway = silentGateway();
  control = await startTestControl(gateway, { ledger: controlledLedger({ directory, desk, clock: systemClock, gather: async () => {} }) });
  const openedAtWallMs = Date.UTC(2025, 10, 25);
  for (const id of ['r1', 'r2']) {
    await ledger.openAttempt(sampleAttempt(id, { requestId: id, model: 'gpt-small', openedAtWallMs }));
    ledger.closeAttempt(sampleClose(id, { usage: { inputTokens: 100, cachedInputTokens: 10, outputTokens: 50, source: 'upstream' } }));
    ledger.charge(sampleCharge(id, { keyId: 'one', segments: [sampleSegment(id)], settledAtWallMs: openedAtWallMs }));
  }
});
afterEach(async () => {
  await control.stop();
  await ledger.close();
  await rm(folder, { recursive: true });
});

const run = (...argv: string[]): Promise<Captured> => runCaptured(argv, { env: { SECOND_SOURCE_CONTROL: control.url }, workingDirectory: folder });

test('usage export writes CSV to standard output, and Parquet to a file only', async () => {
  const { code, stdout } = await run('usage', 'export', '--by', 'day,key', '--from', '2025-11-01');
  expect({ code, lines: stdout.split('\r\n') }).toMatchObject({
    code: 0,
    lines: [
      expect.stringMatching(/^day,key,requests/),
      expect.stringMatching(/^2025-11-25,,0,2,/),
      expect.stringMatching(/^2025-11-25,one,2,0,200,100,/),
      '',
    ],
  });
  const out = join(folder, 'usage.parquet');
  expect(await run('usage', 'export', '--format', 'parquet', '--out', out)).toMatchObject({ code: 0, stdout: '' });
  expect((await readFile(out)).subarray(0, 4).toString()).toBe('PAR1');
  expect((await stat(out)).mode & 0o777).toBe(0o600);
  expect(await run('usage', 'export', '--format', 'parquet')).toMatchObject({ code: 2, stderr: expect.stringContaining('--out FILE') });
  expect(await run('usage', 'export', '--out', out)).toMatchObject({ code: 2, stderr: expect.stringContaining('exists already') });
  expect(await run('usage', 'export', '--by', 'modle')).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean `model`?') });
});

test('an export of attempts is a trace that simulate plays', async () => {
  expect(await run('usage', 'export', '--rows', 'attempts', '--out', join(folder, 'attempts.csv'))).toMatchObject({ code: 0 });
  const fleet = fileURLToPath(new URL('../../docs/examples/simulated-fleet.yaml', import.meta.url));
  const { code, stdout, stderr } = await run('simulate', fleet, '--trace', join(folder, 'attempts.csv'), '--policy', 'round-robin', '--json');
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('1 runs of 2 requests') });
  expect(JSON.parse(stdout).results).toMatchObject([
    { requests: 2, pools: expect.arrayContaining([expect.objectContaining({ requests: 2, outputTokens: 100 })]) },
  ]);
});

test('reconcile says by its exit code whether the bill matches', async () => {
  const [header = '', first = ''] = openaiBill.split('\n');
  await writeFile(join(folder, 'bill.csv'), `${header}\n${first}\n`);
  const matched = await run('reconcile', 'bill.csv', '--format', 'openai');
  expect(matched).toMatchObject({ code: 0, stderr: expect.stringContaining('The bill and the ledger match.') });
  await writeFile(join(folder, 'other.csv'), openaiBill);
  const other = await run('reconcile', 'other.csv', '--format', 'openai', '--json');
  expect(other.code).toBe(3);
  expect(JSON.parse(other.stdout)).toMatchObject({ matches: false, lines: 3 });
  const tolerant = ['--tolerance', '0.34', '--model', 'gpt-large=gpt-small'];
  expect(await run('reconcile', 'other.csv', '--format', 'openai', ...tolerant)).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('only the vendor'),
  });
  expect(await run('reconcile', 'none.csv', '--format', 'openai')).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be read') });
  await writeFile(join(folder, 'no.csv'), 'a,b\n');
  expect(await run('reconcile', 'no.csv', '--format', 'openai')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no column `start_time`'),
  });
  expect(await run('reconcile', 'bill.csv', '--format', 'opnai')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Did you mean `openai`?'),
  });
});

test.each([['plain'], ['encrypted']])('S34: a %s backup restores to a ledger that says the same and matches the same bill', async (form) => {
  const key = form === 'plain' ? [] : ['--key-file', 'key'];
  await writeFile(join(folder, 'key'), `${'ab'.repeat(32)}\n`);
  const before = await ledger.usage({ groupBy: 'key' });
  expect(await run('ledger', 'backup', 'copy', ...key)).toMatchObject({ code: 0, stdout: '' });
  expect((await readdir(join(folder, 'ledger'))).filter((name) => name.startsWith('backup'))).toEqual([]);
  expect((await readFile(join(folder, 'copy'))).includes('SQLite format 3')).toBe(form === 'plain');
  expect(await run('ledger', 'restore', 'copy', '--to', 'restored', ...key)).toMatchObject({ code: 0 });
  expect(await run('ledger', 'restore', 'copy', '--to', 'restored', ...key)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('exists already'),
  });
  const restored = await inDirectory(join(folder, 'restored'));
  expect(await restored.usage({ groupBy: 'key' })).toEqual(before);
  await restored.close();
});

test('S34: an encrypted backup that was changed, or is read with another key, leaves nothing behind', async () => {
  await writeFile(join(folder, 'key'), 'ab'.repeat(32));
  await writeFile(join(folder, 'other'), 'cd'.repeat(32));
  await run('ledger', 'backup', 'copy', '--key-file', 'key');
  expect(await run('ledger', 'restore', 'copy', '--to', 'r', '--key-file', 'other')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('right key'),
  });
  const bytes = await readFile(join(folder, 'copy'));
  for (const [name, changed] of [
    ['flipped', Buffer.concat([bytes.subarray(0, 500), Buffer.from([(bytes[500] ?? 0) ^ 1]), bytes.subarray(501)])],
    ['cut', bytes.subarray(0, bytes.length - 1)],
    ['short', bytes.subarray(0, 10)],
    ['foreign', Buffer.alloc(1000)],
  ] as const) {
    await writeFile(join(folder, name), changed);
    expect(await run('ledger', 'restore', name, '--to', 'r', '--key-file', 'key')).toMatchObject({ code: 1 });
  }
  expect(await readdir(join(folder, 'r'))).toEqual([]);
  await writeFile(join(folder, 'bad'), 'not hex');
  expect(await run('ledger', 'backup', 'copy2', '--key-file', 'bad')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('openssl rand -hex 32'),
  });
});
