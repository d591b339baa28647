import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { databasePath } from './journal-file.ts';
import { LedgerError, isLocked } from './ledger-error.ts';
import { schemaChanges, schemaVersion } from './ledger-schema.ts';

/** How long a statement waits for another process that is writing. */
const busyTimeoutMs = 2000;

/** Four times SQLite's own figure (16 MB): pages that fill up over several transactions are copied once. */
const checkpointPages = 4000;

const versionRow = z.object({ user_version: z.int() });

/** Opens the database of a ledger directory, creating it where there is none; throws what SQLite throws. */
export function openLedgerDatabase(directory: string): DatabaseSync {
  const path = databasePath(directory);
  // SQLite gives its side files the same permissions, so that no other user reads who asked and spent what.
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Switching to WAL does not always wait for the busy timeout, and two processes may start at once.
    whileLocked(() => database.exec('PRAGMA journal_mode = WAL'));
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    database.exec('PRAGMA synchronous = NORMAL');
    database.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
    inTransaction(database, () => createSchema(database, path));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function createSchema(database: DatabaseSync, path: string): void {
  const { user_version: version } = versionRow.parse(database.prepare('PRAGMA user_version').get());
  if (version === schemaVersion) return;
  if (version > schemaVersion) {
    throw new LedgerError(
      'too-new',
      `The ledger database ${path} was written by a newer version of this program: upgrade, or choose another directory.`,
    );
  }
  database.exec(schemaChanges.get(version) ?? '');
  database.exec(`PRAGMA user_version = ${schemaVersion}`);
}

export function inTransaction<Value>(database: DatabaseSync, work: () => Value): Value {
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    database.exec('COMMIT');
    return value;
  } catch (error) {
    // SQLite has already rolled back by itself after some errors, a full disk among them.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/**
 * A transaction that is on disk, with all before it, when this returns. In WAL mode NORMAL leaves the last ones to a
 * loss of power, so a journal may be deleted only after such a commit (https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
export function inDurableTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('PRAGMA synchronous = FULL');
  try {
    inTransaction(database, work);
  } finally {
    database.exec('PRAGMA synchronous = NORMAL');
    database.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
  }
}

function whileLocked(work: () => void): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const pauseMs = 20;
  for (let triesLeft = busyTimeoutMs / pauseMs; ; triesLeft -= 1) {
    try {
      return work();
    } catch (error) {
      if (!isLocked(error) || triesLeft <= 0) throw error;
      // Only the ledger's own thread ever waits here.
      Atomics.wait(pause, 0, 0, pauseMs);
    }
  }
}
