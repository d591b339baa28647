import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqliteLedger } from '../../src/ledger/open-sqlite-ledger.ts';
import { simulateWorld } from './simulate-world.ts';
import { systemClock } from '../../src/std/clock.ts';
import { sumReports, type Totals } from './sum-reports.ts';
import type { UsageRow } from '../../src/ledger/ledger.ts';

const requestsPerWorld = 200;
const onlySeed = process.env['SEED'];
const seeds = onlySeed === undefined ? Array.from({ length: 100 }, (_, index) => index) : [Number(onlySeed)];

test('in 100 seeded worlds of 200 requests no token is lost, doubled or mixed up, nothing ends silently, and the ledger equals the bills', async () => {
  const reports = [];
  for (const seed of seeds) {
    const report = await simulateWorld(seed, requestsPerWorld);
    expect(report.violations, `replay with: npm run simulate:faults -- --seed ${seed} --verbose`).toEqual([]);
    reports.push(report);
  }
  const totals = sumReports(reports);
  if (onlySeed !== undefined) return;
  expect(totals.requests).toBeGreaterThanOrEqual(20_000);
  // Worlds in which some outcome never came would have proven little about it.
  for (const outcome of ['complete', 'honest error', 'refused', 'left', 'stalled', 'continued'] satisfies (keyof Totals)[])
    expect(totals[outcome], outcome).toBeGreaterThan(20);
}, 300_000);

test.runIf(onlySeed === undefined)('the ledger of production, given what a world wrote, says the same and has nothing open', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'simulated-ledger-'));
  const ledger = await openSqliteLedger({ directory, fsync: 'never', memory: '/dev/shm', clock: systemClock });
  try {
    const { attempts, unknownAttempts, charges, chargedUsd } = await simulateWorld(3, requestsPerWorld, undefined, ledger);
    await ledger.flush();
    const report = await ledger.usage({ groupBy: 'tenant' });
    const sum = (of: (row: UsageRow) => number): number => report.rows.reduce((total, row) => total + of(row), 0);
    expect(report).toMatchObject({ openAttempts: 0, unknownAttempts });
    expect({ attempts: sum((row) => row.attempts), charges: sum((row) => row.requests) }).toEqual({ attempts, charges });
    expect(sum(({ usd }) => usd)).toBeCloseTo(chargedUsd, 9);
  } finally {
    await ledger.close();
    await rm(directory, { recursive: true });
  }
});

test('one seed is one run: the same world twice has the same events', async () => {
  const runs: string[][] = [[], []];
  for (const lines of runs) await simulateWorld(4, 50, (line) => lines.push(line));
  expect(runs[0]?.length).toBeGreaterThan(50);
  expect(runs[0]).toEqual(runs[1]);
});

test('the simulated client, the engines and the oracle import nothing of the product', () => {
  const folder = new URL('outside/', import.meta.url);
  const files = readdirSync(folder);
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) {
    const imports = [...readFileSync(new URL(file, folder), 'utf8').matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name);
    for (const name of imports) expect(name, file).toMatch(/^(\.\/[a-z-]+\.ts|node:.*)$/);
  }
});
