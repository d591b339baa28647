import { copyFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { systemClock } from '../std/clock.ts';
import { databasePath, journalFileName } from './journal-file.ts';
import { noDefects } from './ledger-defects.ts';
import { ledgerSchema } from './ledger-schema.ts';
import { openSqliteLedger } from './open-sqlite-ledger.ts';
import { sampleRow } from './ledger-samples.ts';

const fixture = fileURLToPath(new URL('../../test/fixtures/ledger-version-1', import.meta.url));
const root = await mkdtemp(join(tmpdir(), 'ledger-schema-'));
afterAll(() => rm(root, { recursive: true }));

/** A directory as the first version's code left it when it was killed. */
async function oldDirectory(): Promise<string> {
  const directory = await mkdtemp(join(root, 'old-'));
  const database = new DatabaseSync(databasePath(directory));
  database.exec(await readFile(join(fixture, 'ledger.sql'), 'utf8'));
  database.close();
  await copyFile(join(fixture, 'journal.txt'), join(directory, journalFileName('fe7a8e677b1834eddb99b6135d3ead37', 1)));
  return directory;
}

it('a ledger of the first version is taken over whole, with the journal that it had not read to the end', async () => {
  const directory = await oldDirectory();
  const ledger = await openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock });
  expect(await ledger.usage({ groupBy: 'tenant' })).toEqual({
    openAttempts: 0,
    unknownAttempts: 1,
    rows: [
      sampleRow("Zoë's", { requests: 1, inputTokens: 10, unpricedRequests: 1 }),
      sampleRow('research', { requests: 3, attempts: 5, inputTokens: 301, outputTokens: 177, usd: 0.044 }),
    ],
  });
  expect((await ledger.usage({ groupBy: 'vendor' })).rows).toEqual([
    sampleRow('amd', { requests: 1, attempts: 1, inputTokens: 76, outputTokens: 58, usd: 0.03 }),
    sampleRow('none', { requests: 1, inputTokens: 10, unpricedRequests: 1 }),
    sampleRow('nvidia', { requests: 3, attempts: 3, inputTokens: 225, outputTokens: 119, usd: 0.014 }),
    sampleRow('nvidia (emulated)', { attempts: 1 }),
  ]);
  await ledger.flush();
  expect(ledger.health()).toMatchObject({ ...noDefects, duplicateCharges: 1 });
  await ledger.close();
  expect(await readdir(directory)).toEqual(['ledger.sqlite']);
});

it('a ledger that was taken over has the schema of a new one', async () => {
  const directory = await oldDirectory();
  await (await openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock })).close();
  const expected = new DatabaseSync(':memory:');
  expected.exec(ledgerSchema);
  const migrated = new DatabaseSync(databasePath(directory));
  const schemaOf = (database: DatabaseSync) => database.prepare('SELECT type, name, sql FROM sqlite_master ORDER BY name').all();
  expect(schemaOf(migrated)).toEqual(schemaOf(expected));
  expect(migrated.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  migrated.close();
  expected.close();
});
