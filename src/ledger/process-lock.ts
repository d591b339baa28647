import { DatabaseSync } from 'node:sqlite';
import { isLocked } from './ledger-error.ts';

export interface ProcessLock {
  readonly release: () => void;
}

/**
 * Takes the lock that says "this process lives", or undefined where another holds it. A transaction on an empty
 * SQLite file is the one lock of the operating system that Node reaches without native code: it ends with the
 * process however that dies, and unlike a process id it means the same in two containers that share a volume.
 */
export function takeProcessLock(path: string): ProcessLock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isLocked(error)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}
