import { Worker } from 'node:worker_threads';
import type { StudyTask, TaskResult } from './study-task.ts';

type Reply = { readonly ok: true; readonly result: TaskResult } | { readonly ok: false; readonly message: string };

/** Runs tasks on so many threads and gives their results in the order of the tasks, whoever was done first. */
export async function runStudyTasks(
  tasks: readonly StudyTask[],
  threads: number,
  progress: (done: number, of: number) => void,
): Promise<readonly TaskResult[]> {
  const results: (TaskResult | undefined)[] = tasks.map(() => undefined);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./study-worker.ts', import.meta.url));
    try {
      for (let index = next++; index < tasks.length; index = next++) {
        const reply = await ask(worker, tasks[index]);
        if (!reply.ok) throw new Error(reply.message);
        results[index] = reply.result;
        done += 1;
        progress(done, tasks.length);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(threads, tasks.length)) }, work));
  return results.filter((result) => result !== undefined);
}

function ask(worker: Worker, task: StudyTask | undefined): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const onReply = (reply: Reply): void => {
      worker.off('error', reject);
      resolve(reply);
    };
    worker.once('error', reject);
    worker.once('message', onReply);
    worker.postMessage(task);
  });
}
