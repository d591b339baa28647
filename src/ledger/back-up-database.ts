import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { LedgerError, toLedgerError } from './ledger-error.ts';

/**
 * Writes a copy of the database that stands for one moment (https://www.sqlite.org/lang_vacuum.html#vacuuminto), under
 * its name only once it is whole and on disk. An existing file is never written over.
 */
export function backUpDatabase(database: DatabaseSync, path: string): void {
  if (existsSync(path)) throw new LedgerError('failed', `The backup ${path} exists already: give another name.`);
  const unfinished = `${path}.unfinished`;
  try {
    rmSync(unfinished, { force: true });
    // Created before SQLite writes it, so that nobody else can read it in between: it takes an empty file.
    closeSync(openSync(unfinished, 'wx', 0o600));
    database.prepare('VACUUM INTO ?').run(unfinished);
    chmodSync(unfinished, 0o600);
    sync(unfinished);
    renameSync(unfinished, path);
    sync(dirname(path));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw toLedgerError(error, `backup ${path}`);
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
