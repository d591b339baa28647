import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { backUpDatabase } from './back-up-database.ts';
import { prepareDrain } from './drain-journal.ts';
import { databasePath } from './journal-file.ts';
import { keepRows } from './keep-rows.ts';
import { openLedgerDatabase } from './ledger-database.ts';
import { toLedgerError } from './ledger-error.ts';
import { readPage } from './read-page.ts';
import { readDefects, readUsage, readUsageBySeveral } from './read-usage.ts';
import { retireDeadProcesses, retireProcess } from './retire-process.ts';
import type { RetireContext } from './retire-process.ts';
import { findAttempts, settleAttempts } from './settle-attempts.ts';
import { sumAttempts } from './sum-attempts.ts';
import { sumLoads } from './sum-loads.ts';
import type { WriterAnswer, WriterReply, WriterRequest, WriterStart, WriterTask } from './writer-message.ts';

// The thread that alone touches SQLite: a commit takes 26 to 118 µs and may wait for another process, which the
// event loop must not (DESIGN §5).

const startSchema = z.object({
  directory: z.string(),
  processId: z.string(),
  startedAtWallMs: z.number(),
  shadowDirectory: z
    .string()
    .optional()
    .transform((path) => path),
}) satisfies z.ZodType<WriterStart>;

function start({ directory, processId, startedAtWallMs, shadowDirectory }: WriterStart): RetireContext {
  const database = openLedgerDatabase(directory);
  registerProcess(database, processId, startedAtWallMs);
  const context = { database, directory, shadowDirectory, drain: prepareDrain(database, directory) };
  retireDeadProcesses(context, processId);
  return context;
}

function registerProcess(database: DatabaseSync, processId: string, startedAtWallMs: number): void {
  database.prepare('INSERT INTO processes (process_id, started_at_wall_ms) VALUES (?, ?) ON CONFLICT DO NOTHING').run(processId, startedAtWallMs);
}

function perform(context: RetireContext, processId: string, task: WriterTask): WriterAnswer {
  const { database } = context;
  switch (task.kind) {
    case 'drain':
      for (const journal of task.journals) {
        context.drain.drain(journal.name, processId, journal.untilBytes);
        if (journal.sealed) context.drain.remove(journal.name);
      }
      return { kind: 'drained', defects: readDefects(database) };
    case 'usage':
      return { kind: 'usage', report: readUsage(database, task.query) };
    case 'usage by several':
      return { kind: 'usage', report: readUsageBySeveral(database, task.by, task.window) };
    case 'page':
      return { kind: 'page', page: readPage(database, task.query) };
    case 'sum':
      return { kind: 'sums', sums: sumAttempts(database, task.query) };
    case 'load':
      return { kind: 'loads', loads: sumLoads(database, task.query) };
    case 'find':
      return { kind: 'found', attempts: findAttempts(database, task.attemptIds) };
    case 'settle':
      return { kind: 'settled', count: settleAttempts(database, task.settlements) };
    case 'keep':
      return { kind: 'kept', kept: keepRows(database, task.rules) };
    case 'back up':
      backUpDatabase(database, task.path);
      return { kind: 'backed up' };
    case 'retire':
      retireProcess(context, processId);
      database.close();
      return { kind: 'retired' };
  }
}

/** Runs `work` and turns whatever it throws into an answer: this thread outlives a full disk or a locked database. */
function answerOf(path: string, work: () => WriterAnswer): WriterAnswer {
  try {
    return work();
  } catch (error) {
    const { reason, message } = toLedgerError(error, path);
    return { kind: 'failed', reason, message };
  }
}

function serve(): void {
  if (parentPort === null) throw new Error('sqlite-writer.ts is started as a worker thread by writer-thread.ts only.');
  const port = parentPort;
  const reply = (message: WriterReply): void => port.postMessage(message);
  const options = startSchema.parse(workerData);
  const path = `database ${databasePath(options.directory)}`;
  let context: RetireContext | undefined;
  reply({
    id: 0,
    answer: answerOf(path, () => {
      context = start(options);
      return { kind: 'drained', defects: readDefects(context.database) };
    }),
  });
  port.on('message', ({ id, task }: WriterRequest) => {
    const started = context;
    if (started !== undefined) reply({ id, answer: answerOf(path, () => perform(started, options.processId, task)) });
  });
}

serve();
