import { closeSync, fsyncSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { JournalDrain } from './drain-journal.ts';
import { journalsOfProcess, lockFileName, processOfFile } from './journal-file.ts';
import { inDurableTransaction, inTransaction } from './ledger-database.ts';
import { takeProcessLock } from './process-lock.ts';
import { restoreShadow } from './restore-shadow.ts';

export interface RetireContext {
  readonly database: DatabaseSync;
  readonly directory: string;
  readonly shadowDirectory: string | undefined;
  readonly drain: JournalDrain;
}

/** The outcome of an attempt whose process ended before it: a vendor may still bill it (fault 88). */
const lostOutcome = 'process_lost';

/** Takes all that an ended process left into the database; what it had open is unknown from now on. */
export function retireProcess({ database, directory, shadowDirectory, drain }: RetireContext, processId: string): void {
  if (shadowDirectory !== undefined) restoreShadow(shadowDirectory, directory, processId);
  const journals = journalsOfProcess(readdirSync(directory), processId);
  for (const name of journals) drain.drain(name, processId, statSync(join(directory, name)).size);
  inDurableTransaction(database, () => {
    database.prepare(`UPDATE attempts SET state = 'U', outcome = ?, open_in_process = NULL WHERE open_in_process = ?`).run(lostOutcome, processId);
    database.prepare('DELETE FROM processes WHERE process_id = ?').run(processId);
  });
  for (const name of journals) drain.remove(name);
}

const processRows = z.array(z.object({ process_id: z.string() }));

/** Retires every process that holds its lock no longer, however it ended; leaves the living alone. */
export function retireDeadProcesses(context: RetireContext, ownProcessId: string): void {
  const { database, directory } = context;
  const registered = processRows.parse(database.prepare('SELECT process_id FROM processes').all());
  const found = readdirSync(directory).flatMap((name) => processOfFile(name) ?? []);
  for (const processId of new Set([...registered.map((row) => row.process_id), ...found])) {
    if (processId === ownProcessId) continue;
    const lockPath = join(directory, lockFileName(processId));
    const lock = takeProcessLock(lockPath);
    if (lock === undefined) continue;
    try {
      retireProcess(context, processId);
      rmSync(lockPath, { force: true });
    } finally {
      lock.release();
    }
  }
  forgetDeletedJournals(context);
}

const journalRows = z.array(z.object({ name: z.string() }));

/**
 * A journal's position is forgotten only once its deletion is on disk: a journal that came back after a loss of power
 * would otherwise be read again from its start. The positions are read before the files, since another process may
 * begin a journal meanwhile, which exists before its position does.
 */
function forgetDeletedJournals({ database, directory }: RetireContext): void {
  const known = journalRows.parse(database.prepare('SELECT name FROM journals').all());
  const names = new Set(readdirSync(directory));
  const deleted = known.filter(({ name }) => !names.has(name));
  if (deleted.length === 0) return;
  const folder = openSync(directory, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
  const forget = database.prepare('DELETE FROM journals WHERE name = ?');
  inTransaction(database, () => {
    for (const { name } of deleted) forget.run(name);
  });
}
