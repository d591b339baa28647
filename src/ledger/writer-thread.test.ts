import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { WriterThread, startSqliteWorker } from './writer-thread.ts';

it('a thread that died is followed by one other, however often its death is reported', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'writer-'));
  const workers: Worker[] = [];
  const writer = new WriterThread({ directory, processId: '0'.repeat(32), startedAtWallMs: 0, shadowDirectory: undefined }, (start) => {
    const worker = startSqliteWorker(start);
    workers.push(worker);
    return worker;
  });
  const drain = { kind: 'drain', journals: [] } as const;
  await writer.start();
  const dying = workers[0];
  const waiting = writer.perform(drain);
  // The turn in which the task is posted.
  await Promise.resolve();
  dying?.emit('error', new Error('out of memory'));
  await expect(waiting).rejects.toThrow(/ended before it answered/);
  await writer.perform(drain);
  const [exit] = await Promise.all([dying === undefined ? undefined : once(dying, 'exit'), dying?.terminate()]);
  expect(exit).toBeDefined();
  await writer.perform(drain);
  expect(workers).toHaveLength(2);
  await writer.stop();
  await rm(directory, { recursive: true });
});
