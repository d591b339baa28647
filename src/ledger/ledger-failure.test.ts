import { spawnSync } from 'node:child_process';
import { access, appendFile, constants, mkdir, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../std/clock.ts';
import { databasePath, journalFileName } from './journal-file.ts';
import { chargeEntry, closedEntry, openedEntry } from './journal-entry.ts';
import { journalText, linesOf, sampleAttempt, sampleCharge, sampleClose } from './ledger-samples.ts';
import { openSqliteLedger, realParts } from './open-sqlite-ledger.ts';
import type { SqliteLedgerParts } from './open-sqlite-ledger.ts';
import type { SqliteLedger } from './sqlite-ledger.ts';

let root: string;
let directory: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ledger-failure-'));
  directory = join(root, 'ledger');
});
afterEach(() => rm(root, { recursive: true }));

const open = (parts: Partial<SqliteLedgerParts> = {}): Promise<SqliteLedger> =>
  openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock }, { ...realParts, ...parts });

describe('opening fails with one clear sentence', () => {
  it('when the directory is a file', async () => {
    await writeFile(directory, '');
    await expect(open()).rejects.toThrow(`The ledger directory ${directory} is not a folder`);
  });

  it('when the directory cannot be created', async () => {
    await writeFile(directory, '');
    directory = join(directory, 'below');
    await expect(open()).rejects.toMatchObject({ name: 'LedgerError', reason: 'not-a-folder' });
  });

  it('when the file system takes no folders', { skip: process.platform !== 'linux' }, async () => {
    directory = '/proc/ledger/below';
    await expect(open()).rejects.toThrow(/^The ledger directory \/proc\/ledger\/below /);
  });

  it('when the directory may not be written', async () => {
    await mkdir(directory, { mode: 0o500 });
    const denied = await access(directory, constants.W_OK).then(
      () => false,
      () => true,
    );
    // Root may write anywhere; there the refusal is put where the file system would give it.
    const parts = denied
      ? {}
      : {
          takeLock: () => {
            throw Object.assign(new Error('attempt to write a readonly database'), { code: 'ERR_SQLITE_ERROR', errcode: 8 });
          },
        };
    await expect(open(parts)).rejects.toThrow(/cannot be written by this process/);
  });

  it('when the database is no database', async () => {
    await mkdir(directory);
    await writeFile(databasePath(directory), 'not a database, but long enough to look like one\n'.repeat(100));
    await expect(open()).rejects.toThrow(/is damaged or no SQLite database/);
  });

  it('when the database is from a newer version', async () => {
    await mkdir(directory);
    const database = new DatabaseSync(databasePath(directory));
    database.exec('PRAGMA user_version = 1000');
    database.close();
    await expect(open()).rejects.toThrow(/written by a newer version/);
  });

  it('when another program keeps the database locked, and leaves nothing behind', async () => {
    await (await open()).close();
    const other = new DatabaseSync(databasePath(directory));
    other.exec('BEGIN IMMEDIATE');
    await expect(open()).rejects.toThrow(/is locked by another program/);
    other.close();
    expect(await readdir(directory)).toEqual(['ledger.sqlite']);
    await (await open()).close();
  });
});

it('a database that stays locked holds up no request, and nothing is lost when it is free again', async () => {
  const ledger = await open();
  const other = new DatabaseSync(databasePath(directory));
  other.exec('BEGIN IMMEDIATE');
  await ledger.openAttempt(sampleAttempt('a'));
  ledger.closeAttempt(sampleClose('a'));
  ledger.charge(sampleCharge('r'));
  await expect(ledger.flush()).rejects.toThrow(/is locked by another program/);
  expect(ledger.health().databaseFailure).toMatch(/is locked by another program/);
  await ledger.openAttempt(sampleAttempt('b'));
  other.exec('ROLLBACK');
  other.close();
  await ledger.flush();
  expect(await ledger.usage({ groupBy: 'model' })).toMatchObject({ openAttempts: 1, rows: [{ requests: 1, attempts: 2 }] });
  expect(ledger.health().databaseFailure).toBeUndefined();
  await ledger.close();
});

it('a journal that the database does not keep up with refuses attempts beyond its limit', async () => {
  const ledger = await open({ maxUndrainedBytes: 200 });
  const other = new DatabaseSync(databasePath(directory));
  other.exec('BEGIN IMMEDIATE');
  await ledger.openAttempt(sampleAttempt('a'));
  await ledger.openAttempt(sampleAttempt('b'));
  await expect(ledger.openAttempt(sampleAttempt('c'))).rejects.toMatchObject({ reason: 'overloaded' });
  other.close();
  await ledger.flush();
  await ledger.openAttempt(sampleAttempt('c'));
  await ledger.close();
});

it('a record without end is refused or counted, never written', async () => {
  const ledger = await open();
  const endless = 'x'.repeat(100_000);
  await expect(ledger.openAttempt(sampleAttempt(endless))).rejects.toThrow(/longer than/);
  ledger.charge(sampleCharge(endless));
  await ledger.flush();
  expect(ledger.health()).toMatchObject({ droppedRecords: 1, damagedRecords: 0 });
  await ledger.close();
});

it('a journal damaged in its middle gives all its other records and is kept', async () => {
  await (await open()).close();
  const name = journalFileName('0'.repeat(32), 1);
  await appendFile(
    join(directory, name),
    [journalText(openedEntry(sampleAttempt('a'))), `${'\0'.repeat(1_500_000)}\n`, journalText(openedEntry(sampleAttempt('b')))].join(''),
  );
  const ledger = await open();
  await ledger.flush();
  expect(await ledger.usage({ groupBy: 'model' })).toMatchObject({ unknownAttempts: 2 });
  expect(ledger.health().damagedRecords).toBeGreaterThan(0);
  await ledger.close();
  expect(await readdir(directory)).toContain(`${name}.damaged`);
});

it('a checked record that SQLite refuses is set aside, and all others get through', async () => {
  await (await open()).close();
  const name = journalFileName('0'.repeat(32), 1);
  const others = Array.from({ length: 40 }, (_, index) => sampleAttempt(`a${index}`));
  const refused = journalText(closedEntry(sampleClose('a1')))
    .slice(9)
    .replace('\tS\t', '\tX\t')
    .trimEnd();
  await appendFile(
    join(directory, name),
    Buffer.concat([
      Buffer.from(journalText(...others.map(openedEntry))),
      linesOf(refused),
      Buffer.from(journalText(closedEntry(sampleClose('a2')), chargeEntry(sampleCharge('r')), chargeEntry(sampleCharge('r')))),
    ]),
  );
  const ledger = await open();
  await ledger.flush();
  expect(await ledger.usage({ groupBy: 'model' })).toMatchObject({ unknownAttempts: 39, rows: [{ requests: 1, attempts: 40 }] });
  expect(ledger.health()).toMatchObject({ damagedRecords: 1, duplicateCharges: 1, ignoredCloses: 0, databaseFailure: undefined });
  await ledger.close();
  expect(await readdir(directory)).toContain(`${name}.damaged`);
});

/** A disk of `megabytes` that is really full; only root may mount one. */
function mountTinyDisk(path: string, megabytes: number): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path]).status === 0;
}

it('a full disk refuses attempts, keeps what was acknowledged, and works again when there is space', async ({ skip }) => {
  await mkdir(directory);
  if (!mountTinyDisk(directory, 2)) return skip('a tiny disk can only be mounted by root');
  try {
    const ledger = await open();
    const { bavail, bsize } = await statfs(directory);
    const ballast = join(directory, 'ballast');
    await writeFile(ballast, Buffer.alloc(bavail * bsize - 131_072));
    const accepted: string[] = [];
    const refusals: unknown[] = [];
    for (let number = 0; refusals.length === 0; number += 1) {
      await Promise.resolve(ledger.openAttempt(sampleAttempt(`a${number}`))).then(
        () => accepted.push(`a${number}`),
        (error: unknown) => refusals.push(error),
      );
    }
    expect(refusals).toMatchObject([{ reason: 'full', message: expect.stringMatching(/disk is full/) }]);
    for (const id of accepted) {
      ledger.closeAttempt(sampleClose(id));
      ledger.charge(sampleCharge(id));
    }
    await expect(ledger.flush()).rejects.toThrow(/disk is full/);
    await rm(ballast);
    await ledger.flush();
    expect(accepted.length).toBeGreaterThan(10);
    expect(await ledger.usage({ groupBy: 'model' })).toMatchObject({
      openAttempts: 0,
      unknownAttempts: 0,
      rows: [{ requests: accepted.length, attempts: accepted.length }],
    });
    await ledger.openAttempt(sampleAttempt('after'));
    expect(ledger.health()).toMatchObject({ droppedRecords: 0, damagedRecords: 0, journalFailure: undefined, databaseFailure: undefined });
    await ledger.close();
    await writeFile(ballast, Buffer.alloc(4_194_304)).catch(() => {});
    await expect(open()).rejects.toMatchObject({ name: 'LedgerError' });
  } finally {
    spawnSync('umount', ['-l', directory]);
  }
}, 60_000);
