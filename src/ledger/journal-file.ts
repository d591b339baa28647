import { write } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The part of a file that the journal needs, so that a test can put a failing disk in its place. */
export interface JournalFile {
  /** Writes all of `bytes` at `position`, or rejects with part of them written. */
  readonly write: (bytes: Uint8Array, position: number) => Promise<void>;
  /** Asks the disk to keep what was written, past a loss of power. */
  readonly sync: () => Promise<void>;
  readonly truncate: (lengthBytes: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export type OpenJournalFile = (path: string, keep: boolean) => Promise<JournalFile>;

/** Creates a journal file; with `keep` its directory entry, too, outlives a loss of power. */
export const openJournalFile: OpenJournalFile = async (path, keep) => {
  const handle = await open(path, 'w', 0o600);
  try {
    if (keep) await syncDirectory(dirname(path));
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    write: (bytes, position) => writeAll(handle.fd, bytes, position),
    sync: () => handle.datasync(),
    truncate: (lengthBytes) => handle.truncate(lengthBytes),
    close: () => handle.close(),
  };
};

// By callback: a promise a write is a good part of what the event loop pays for it.
function writeAll(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const writeFrom = (start: number): void =>
      write(fd, bytes, start, bytes.length - start, position + start, (error, written) => {
        if (error !== null) reject(error);
        else if (start + written < bytes.length) writeFrom(start + written);
        else resolve();
      });
    writeFrom(0);
  });
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const journalName = /^journal-([0-9a-f]{32})-(\d{8})\.log$/;
const lockName = /^process-([0-9a-f]{32})\.lock$/;

/** Names are never used twice: the database remembers how far it read a journal by its name. */
export function journalFileName(processId: string, sequence: number): string {
  return `journal-${processId}-${String(sequence).padStart(8, '0')}.log`;
}

export function lockFileName(processId: string): string {
  return `process-${processId}.lock`;
}

/** The process that wrote a journal or held a lock, or undefined for any other file. */
export function processOfFile(name: string): string | undefined {
  return (journalName.exec(name) ?? lockName.exec(name))?.[1];
}

/** The journals of a process among the names of a directory, oldest first. */
export function journalsOfProcess(names: readonly string[], processId: string): readonly string[] {
  return names.filter((name) => journalName.exec(name)?.[1] === processId).toSorted();
}

export function databasePath(directory: string): string {
  return join(directory, 'ledger.sqlite');
}
