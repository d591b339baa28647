import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '../std/clock.ts';
import { AppendJournal } from './append-journal.ts';
import type { FsyncPolicy } from './append-journal.ts';
import { encodeEntries } from './journal-entry.ts';
import { journalFileName, lockFileName, openJournalFile } from './journal-file.ts';
import type { OpenJournalFile } from './journal-file.ts';
import { LedgerError, toLedgerError } from './ledger-error.ts';
import { takeProcessLock } from './process-lock.ts';
import type { ProcessLock } from './process-lock.ts';
import { openJournalShadow, type JournalShadow } from './journal-shadow.ts';
import { shadowDirectory } from './shadow-directory.ts';
import { SqliteLedger } from './sqlite-ledger.ts';
import { WriterThread, startSqliteWorker } from './writer-thread.ts';
import type { StartWorker } from './writer-thread.ts';

export interface SqliteLedgerOptions {
  /** Created where it does not exist, for this user only. Several processes may use it at once. */
  readonly directory: string;
  readonly fsync: FsyncPolicy;
  /** A file system that is memory, for what the disk does not have yet; `off`, or one that is none: requests wait for the disk. */
  readonly memory: string;
  readonly clock: Clock;
  /** Who sends at the end of a turn of the event loop has what waits for the ledger written before; `setImmediate` where nobody does. */
  readonly atTurnEnd?: (run: () => void) => void;
}

/** The parts that reach outside the process, so that a test can break them. */
export interface SqliteLedgerParts {
  readonly openFile: OpenJournalFile;
  readonly startWorker: StartWorker;
  readonly takeLock: (path: string) => ProcessLock | undefined;
  /** A journal file that reached this size is closed, and deleted once it was drained. */
  readonly maxJournalFileBytes: number;
  /** Opens are refused while more than this waits to be drained, so that a broken database cannot fill the disk. */
  readonly maxUndrainedBytes: number;
}

export const realParts: SqliteLedgerParts = {
  openFile: openJournalFile,
  startWorker: startSqliteWorker,
  takeLock: takeProcessLock,
  maxJournalFileBytes: 16 * 1_048_576,
  maxUndrainedBytes: 1024 * 1_048_576,
};

// An attempt's close and charge wait in the same memory as its open did, hence room for many of them to a try.
const maxWaitingTries = 8192;
const maxWaitingKept = 65_536;

/**
 * Opens the ledger of a directory and takes in what dead processes left there: their journals are drained and their
 * open attempts become unknown. Rejects with a `LedgerError` that says in one sentence what is wrong.
 */
export async function openSqliteLedger(options: SqliteLedgerOptions, parts: SqliteLedgerParts = realParts): Promise<SqliteLedger> {
  const { directory, clock, fsync, atTurnEnd = setImmediate } = options;
  prepareDirectory(directory);
  const processId = randomBytes(16).toString('hex');
  const lockPath = join(directory, lockFileName(processId));
  const lock = takeOwnLock(lockPath, parts);
  const shadows = options.memory === 'off' ? undefined : shadowDirectory(options.memory, directory);
  const writer = new WriterThread({ directory, processId, startedAtWallMs: clock.wallMs(), shadowDirectory: shadows }, parts.startWorker);
  // Who asks for the disk's own word before each answer cannot have it earlier.
  const shadow = shadows === undefined || fsync === 'always' ? undefined : shadowIn(shadows, processId);
  const release = async (): Promise<void> => {
    await writer.stop();
    lock.release();
  };
  try {
    await writer.start();
    return await SqliteLedger.open({
      nameOf: (sequence) => journalFileName(processId, sequence),
      openJournal: (onWritten) =>
        AppendJournal.open({
          openFile: parts.openFile,
          fsync,
          clock,
          atTurnEnd,
          ...(shadow === undefined ? {} : { shadow }),
          onWritten,
          maxWaitingTries,
          maxWaitingKept,
          maxFileBytes: parts.maxJournalFileBytes,
          encode: encodeEntries,
          pathOf: (sequence) => join(directory, journalFileName(processId, sequence)),
        }),
      clock,
      writer,
      release,
      maxUndrainedBytes: parts.maxUndrainedBytes,
      removeLock: () => rmSync(lockPath, { force: true }),
    });
  } catch (error) {
    shadow?.close();
    await release();
    rmSync(lockPath, { force: true });
    throw toLedgerError(error, `directory ${directory}`);
  }
}

/** Undefined where the folder cannot be used after all, as when another process removes it just now: the disk is waited for then. */
function shadowIn(directory: string, processId: string): JournalShadow | undefined {
  try {
    return openJournalShadow(directory, processId);
  } catch {
    return undefined;
  }
}

function prepareDirectory(directory: string): void {
  try {
    createDirectory(resolve(directory));
  } catch (error) {
    throw toLedgerError(error, `directory ${directory}`);
  }
}

/** Level by level, since Node's own recursive mkdir turns EROFS into ENOENT and never returns for a path in /proc. */
function createDirectory(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found !== undefined) throw new LedgerError('not-a-folder', `The ledger directory ${path} is not a folder.`);
  createDirectory(dirname(path));
  try {
    // What people asked and spent is nobody else's business on a shared machine.
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have been quicker.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

function takeOwnLock(path: string, parts: SqliteLedgerParts): ProcessLock {
  try {
    const lock = parts.takeLock(path);
    if (lock !== undefined) return lock;
  } catch (error) {
    throw toLedgerError(error, `lock ${path}`);
  }
  throw new LedgerError('locked', `The ledger lock ${path} is held by another process already.`);
}
