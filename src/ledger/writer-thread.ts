import { Worker } from 'node:worker_threads';
import { LedgerError } from './ledger-error.ts';
import type { WriterAnswer, WriterReply, WriterRequest, WriterStart, WriterTask } from './writer-message.ts';

export type StartWorker = (start: WriterStart) => Worker;

// The extension follows this file's own, so that a build to JavaScript finds the built writer.
const writerModule = new URL(import.meta.url.endsWith('.ts') ? './sqlite-writer.ts' : './sqlite-writer.js', import.meta.url);

export const startSqliteWorker: StartWorker = (start) => new Worker(writerModule, { workerData: start });

type Pending = PromiseWithResolvers<WriterAnswer>;

interface Running {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
}

/** The SQLite writer as seen from the event loop: tasks in, answers out, a thread that died started anew at the next task. */
export class WriterThread {
  readonly #start: WriterStart;
  readonly #startWorker: StartWorker;
  #running: Promise<Running> | undefined;
  #lastId = 0;

  constructor(start: WriterStart, startWorker: StartWorker) {
    this.#start = start;
    this.#startWorker = startWorker;
  }

  /** Starts the thread, which opens the database and takes in what dead processes left; rejects with a `LedgerError`. */
  async start(): Promise<void> {
    await this.#run();
  }

  /** Rejects with a `LedgerError` where the task failed or the thread died over it; the task may be given again. */
  async perform(task: WriterTask): Promise<WriterAnswer> {
    const { worker, pending } = await this.#run();
    this.#lastId += 1;
    const request: WriterRequest = { id: this.#lastId, task };
    const answer = Promise.withResolvers<WriterAnswer>();
    pending.set(request.id, answer);
    worker.postMessage(request);
    return successful(await answer.promise);
  }

  async stop(): Promise<void> {
    const running = await this.#running?.catch(() => undefined);
    this.#running = undefined;
    await running?.worker.terminate();
  }

  #run(): Promise<Running> {
    if (this.#running !== undefined) return this.#running;
    // A thread that dies reports it twice, the second time perhaps after its successor was started.
    const launched: Promise<Running> = this.#launch(() => {
      if (this.#running === launched) this.#running = undefined;
    });
    this.#running = launched;
    return launched;
  }

  async #launch(forget: () => void): Promise<Running> {
    const worker = this.#startWorker(this.#start);
    const started = Promise.withResolvers<WriterAnswer>();
    const pending = new Map<number, Pending>([[0, started]]);
    worker.on('message', ({ id, answer }: WriterReply) => {
      pending.get(id)?.resolve(answer);
      pending.delete(id);
    });
    const end = (cause: unknown): void => {
      forget();
      for (const waiting of pending.values()) {
        waiting.reject(new LedgerError('failed', "The ledger's writer thread ended before it answered.", cause));
      }
      pending.clear();
    };
    worker.on('error', end);
    worker.on('exit', end);
    try {
      successful(await started.promise);
      return { worker, pending };
    } catch (error) {
      forget();
      await worker.terminate();
      throw error;
    }
  }
}

function successful(answer: WriterAnswer): WriterAnswer {
  if (answer.kind === 'failed') throw new LedgerError(answer.reason, answer.message);
  return answer;
}
