import { copyFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { systemClock } from '../std/clock.ts';
import { databasePath, journalFileName } from './journal-file.ts';
import { noDefects } from './ledger-defects.ts';
import { schemaChanges } from './ledger-schema.ts';
import { openSqliteLedger } from './open-sqlite-ledger.ts';
import { sampleRow } from './ledger-samples.ts';

/** Each version's directory, as its code left it when it was killed, and the process that wrote its journal. */
const killed = [
  { version: 1, processId: 'fe7a8e677b1834eddb99b6135d3ead37' },
  { version: 2, processId: '87d67adf3ef8c5b1856e4fc392335e51' },
] as const;
const root = await mkdtemp(join(tmpdir(), 'ledger-schema-'));
afterAll(() => rm(root, { recursive: true }));

async function oldDirectory({ version, processId }: (typeof killed)[number]): Promise<string> {
  const fixture = fileURLToPath(new URL(`../../test/fixtures/ledger-version-${version}`, import.meta.url));
  const directory = await mkdtemp(join(root, 'old-'));
  const database = new DatabaseSync(databasePath(directory));
  database.exec(await readFile(join(fixture, 'ledger.sql'), 'utf8'));
  database.close();
  await copyFile(join(fixture, 'journal.txt'), join(directory, journalFileName(processId, 1)));
  return directory;
}

it('a ledger of the first version is taken over whole, with the journal that it had not read to the end', async () => {
  const directory = await oldDirectory(killed[0]);
  const ledger = await openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock });
  expect(await ledger.usage({ groupBy: 'tenant' })).toEqual({
    openAttempts: 0,
    unknownAttempts: 1,
    rows: [
      sampleRow("Zoë's", { requests: 1, inputTokens: 10, unpricedRequests: 1 }),
      sampleRow('research', { requests: 3, attempts: 5, inputTokens: 301, outputTokens: 177, usd: 0.044, lostUsd: 0.001 }),
    ],
  });
  expect((await ledger.usage({ groupBy: 'vendor' })).rows).toEqual([
    sampleRow('amd', { requests: 1, attempts: 1, inputTokens: 76, outputTokens: 58, usd: 0.03 }),
    sampleRow('none', { requests: 1, inputTokens: 10, unpricedRequests: 1 }),
    sampleRow('nvidia', { requests: 3, attempts: 3, inputTokens: 225, outputTokens: 119, usd: 0.014 }),
    sampleRow('nvidia (emulated)', { attempts: 1, lostUsd: 0.001 }),
  ]);
  await ledger.flush();
  expect(ledger.health()).toMatchObject({ ...noDefects, duplicateCharges: 1 });
  await ledger.close();
  expect(await readdir(directory)).toEqual(['ledger.sqlite']);
});

it('a ledger of the second version is taken over whole; its requests were asked without a key', async () => {
  const directory = await oldDirectory(killed[1]);
  const ledger = await openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock });
  expect(await ledger.usage({ groupBy: 'key' })).toEqual({
    openAttempts: 0,
    unknownAttempts: 2,
    rows: [sampleRow('', { requests: 4, attempts: 6, inputTokens: 400, outputTokens: 200, usd: 0.044, unpricedRequests: 1 })],
  });
  expect((await ledger.usage({ groupBy: 'vendor' })).rows).toMatchObject([
    { key: 'amd', requests: 1, attempts: 1, outputTokens: 25 },
    { key: 'none', requests: 1, attempts: 0 },
    { key: 'nvidia', requests: 2, attempts: 4, outputTokens: 100 },
    { key: 'nvidia (emulated)', requests: 1, attempts: 1, outputTokens: 25 },
  ]);
  await ledger.flush();
  expect(ledger.health()).toMatchObject(noDefects);
  await ledger.close();
  expect(await readdir(directory)).toEqual(['ledger.sqlite']);
});

it.each(killed)('a ledger of version $version that was taken over has the schema of a new one', async (old) => {
  const directory = await oldDirectory(old);
  await (await openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock })).close();
  const expected = new DatabaseSync(':memory:');
  expected.exec(schemaChanges.get(0) ?? '');
  const migrated = new DatabaseSync(databasePath(directory));
  const schemaOf = (database: DatabaseSync) => database.prepare('SELECT type, name, sql FROM sqlite_master ORDER BY name').all();
  expect(schemaOf(migrated)).toEqual(schemaOf(expected));
  expect(migrated.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  migrated.close();
  expected.close();
});
