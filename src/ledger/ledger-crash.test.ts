import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../std/clock.ts';
import { seededRandom } from '../std/random.ts';
import { databasePath, processOfFile } from './journal-file.ts';
import { noDefects } from './ledger-defects.ts';
import { openSqliteLedger } from './open-sqlite-ledger.ts';
import type { SqliteLedger } from './sqlite-ledger.ts';

const childPath = fileURLToPath(new URL('./ledger-crash-child.ts', import.meta.url));

let root: string;
let directory: string;
let notesPath: string;
const children = new Set<ChildProcess>();
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ledger-crash-'));
  directory = join(root, 'ledger');
  notesPath = join(root, 'notes');
  await writeFile(notesPath, '');
});
afterEach(async () => {
  for (const child of children) await kill(child);
  await rm(root, { recursive: true });
});

function startChild(name: string, load: string): ChildProcess {
  const child = spawn(process.execPath, [childPath, directory, notesPath, name, load], { stdio: ['ignore', 'ignore', 'inherit'] });
  children.add(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Resolves when the children have noted something that `isThere`. */
async function noted(isThere: (notes: string) => boolean): Promise<void> {
  const changed = watch(notesPath);
  try {
    while (!isThere(await readFile(notesPath, 'utf8'))) await Promise.race([once(changed, 'change'), delay(200)]);
  } finally {
    changed.close();
  }
}

async function acknowledged(kind: 'opened' | 'charged'): Promise<readonly string[]> {
  const lines = (await readFile(notesPath, 'utf8')).split('\n');
  return lines.flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
}

const openLedger = (): Promise<SqliteLedger> => openSqliteLedger({ directory, fsync: 'never', memory: '/dev/shm', clock: systemClock });

function query(sql: string): readonly string[] {
  const database = new DatabaseSync(databasePath(directory), { readOnly: true });
  try {
    return z
      .array(z.object({ id: z.string() }))
      .parse(database.prepare(sql).all())
      .map((row) => row.id);
  } finally {
    database.close();
  }
}

it('kill -9 loses no acknowledged attempt or charge and doubles none, several times in a row', async () => {
  const random = seededRandom(20_260_124);
  for (let round = 0; round < 5; round += 1) {
    const child = startChild(`round${round}`, 'forever');
    await noted((notes) => notes.includes(`opened round${round}-`));
    await delay(100 + random() * 500);
    await kill(child);

    const ledger = await openLedger();
    const report = await ledger.usage({ groupBy: 'model' });
    expect(ledger.health()).toMatchObject(noDefects);
    await ledger.close();

    const attempts = new Set(query('SELECT attempt_id AS id FROM attempts'));
    const opened = await acknowledged('opened');
    expect(opened.filter((id) => !attempts.has(id))).toEqual([]);
    // A lane has at most one attempt that is written but not yet acknowledged.
    expect(attempts.size - opened.length).toBeLessThanOrEqual(32 * (round + 1));
    expect(new Set(opened).size).toBe(opened.length);

    const charges = query('SELECT request_id AS id FROM charges');
    const charged = new Set(charges);
    expect((await acknowledged('charged')).filter((id) => !charged.has(id))).toEqual([]);
    expect(report).toMatchObject({
      openAttempts: 0,
      unknownAttempts: query(`SELECT attempt_id AS id FROM attempts WHERE state = 'U'`).length,
      rows: [{ requests: charges.length, attempts: attempts.size, inputTokens: 100 * charges.length, outputTokens: 50 * charges.length }],
    });
    // Each is settled or unknown, and what was charged was settled: a close precedes its charge in the journal.
    expect(query(`SELECT attempt_id AS id FROM attempts WHERE state NOT IN ('S', 'U')`)).toEqual([]);
    expect(query(`SELECT request_id AS id FROM charges WHERE request_id NOT IN (SELECT attempt_id FROM attempts WHERE state = 'S')`)).toEqual([]);
    expect(query('SELECT request_id AS id FROM charges WHERE segments <> 1 OR attempt_id <> request_id')).toEqual([]);
    expect((await readdir(directory)).filter((name) => processOfFile(name) !== undefined)).toEqual([]);
  }
  expect((await acknowledged('opened')).length).toBeGreaterThan(1000);
}, 120_000);

it('another process reads the usage while the first one runs, and takes its open attempts for lost only when it died', async () => {
  const child = startChild('held', 'hold');
  await noted((notes) => notes.includes('opened held'));
  const during = await openLedger();
  expect(await during.usage({ groupBy: 'model' })).toMatchObject({ openAttempts: 1, unknownAttempts: 0 });
  await during.close();
  const again = await openLedger();
  expect(await again.usage({ groupBy: 'model' })).toMatchObject({ openAttempts: 1, unknownAttempts: 0 });
  await again.close();
  await kill(child);
  const after = await openLedger();
  expect(await after.usage({ groupBy: 'model' })).toMatchObject({ openAttempts: 0, unknownAttempts: 1 });
  await after.close();
}, 60_000);

it('processes that start at once in a new directory write side by side and lose nothing', async () => {
  const processes = ['left', 'right', 'middle'].map((name) => startChild(name, '20'));
  const codes = await Promise.all(processes.map(async (child) => (await once(child, 'exit'))[0]));
  expect(codes).toEqual([0, 0, 0]);
  const ledger = await openLedger();
  const count = 3 * 32 * 20;
  expect(await ledger.usage({ groupBy: 'vendor' })).toMatchObject({
    openAttempts: 0,
    unknownAttempts: 0,
    rows: [{ key: 'nvidia', requests: count, attempts: count, outputTokens: 50 * count }],
  });
  expect(ledger.health()).toMatchObject(noDefects);
  await ledger.close();
}, 60_000);
