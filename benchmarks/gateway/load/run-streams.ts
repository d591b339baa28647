import { setTimeout as delay } from 'node:timers/promises';
import { chatBytes } from './chat-bytes.ts';
import { idleCpuShare, openWindow } from './cost-window.ts';
import { RawExchange } from './raw-exchange.ts';
import { residentKib } from '../process-cost.ts';
import { StreamReader } from './stream-reader.ts';
import type { BurstJob, Measured, StreamJob } from './job.ts';

/** A newcomer's stream is over soon, so that it adds little to those that run. */
const newcomerChunks = 5;
const burstChunks = 10;
const burstEveryMs = 50;
const betweenBurstsMs = 700;
/** How long after its last chunk was due a stream may end. */
const patienceMs = 90_000;

interface Opened {
  readonly reader: StreamReader;
  readonly chunks: number;
}

/** Streams under way, each on a connection of its own, and what became of them. */
class Streams {
  readonly #job: StreamJob | BurstJob;
  readonly #opened: Opened[] = [];
  #running = 0;
  #errors = 0;
  #firstError: string | undefined;

  constructor(job: StreamJob | BurstJob) {
    this.#job = job;
  }

  open(dueMs: number, chunks: number, everyMs: number, exchange = new RawExchange(this.#job.port)): StreamReader {
    const reader = new StreamReader(dueMs, everyMs);
    this.#opened.push({ reader, chunks });
    this.#running += 1;
    exchange.send(chatBytes(this.#job, `chunks=${chunks} everyMs=${everyMs}`, true), {
      heard: (text) => reader.heard(text),
      ended: () => {
        this.#running -= 1;
        exchange.close();
      },
      failed: (why) => {
        this.#running -= 1;
        this.#fail(why);
      },
    });
    return reader;
  }

  get chunks(): number {
    return this.#opened.reduce((sum, { reader }) => sum + reader.chunks, 0);
  }

  async allEnded(): Promise<void> {
    const untilMs = performance.now() + patienceMs;
    while (this.#running > 0 && performance.now() < untilMs) await delay(50);
    if (this.#running > 0) this.#fail(`${this.#running} streams did not end`);
  }

  /** Judges every stream once nothing runs any more. */
  verdict(): Pick<Measured, 'errors' | 'firstError' | 'wholeStreams' | 'longestStallMs'> {
    let wholeStreams = 0;
    for (const { reader, chunks } of this.#opened) {
      const fault = reader.fault(chunks);
      if (fault === undefined) wholeStreams += 1;
      else this.#fail(fault);
    }
    const longestStallMs = this.#opened.reduce((most, { reader }) => Math.max(most, reader.stallMs), 0);
    return { errors: this.#errors, firstError: this.#firstError, wholeStreams, longestStallMs };
  }

  #fail(why: string): void {
    this.#errors += 1;
    this.#firstError ??= why;
  }
}

/** Calls at set times, however late the last call was: a late one does not move those after it. */
async function atTimes(count: number, spanMs: number, act: (dueMs: number) => void): Promise<void> {
  const beganMs = performance.now();
  for (let n = 0; n < count; n += 1) {
    const dueMs = beganMs + (n * spanMs) / count;
    while (performance.now() < dueMs) await delay(Math.max(0, Math.floor(dueMs - performance.now())));
    act(dueMs);
  }
}

export async function runStreams(job: StreamJob): Promise<Measured> {
  const idleShare = await idleCpuShare(job.pids);
  const residentBeforeKib = residentKib(job.pids);
  const streams = new Streams(job);
  const newcomers: StreamReader[] = [];
  // One that is opened last still runs at the end of the measured time.
  const chunks = Math.ceil((job.openMs + job.warmMs + job.measureMs + 1500) / job.everyMs);
  await atTimes(job.streams, job.openMs, (dueMs) => streams.open(dueMs, chunks, job.everyMs));
  await delay(job.warmMs);
  const before = streams.chunks;
  const close = openWindow(job.pids, idleShare);
  if (job.newcomersPerSecond === 0) await delay(job.measureMs);
  else
    await atTimes((job.newcomersPerSecond * job.measureMs) / 1000, job.measureMs, (dueMs) =>
      newcomers.push(streams.open(dueMs, newcomerChunks, job.everyMs)),
    );
  const cost = close();
  const units = streams.chunks - before;
  const resident = residentKib(job.pids);
  await streams.allEnded();
  return { ...cost, units, ...streams.verdict(), waitsMs: newcomers.map(({ ttftMs }) => ttftMs), residentBeforeKib, residentKib: resident };
}

export async function runBurst(job: BurstJob): Promise<Measured> {
  const streams = new Streams(job);
  const readers: StreamReader[] = [];
  const close = openWindow(job.pids, 0);
  for (let n = 0; n < job.times; n += 1) {
    const exchanges = job.connected ? Array.from({ length: job.streams }, () => new RawExchange(job.port)) : [];
    await Promise.all(exchanges.map((exchange) => exchange.connected));
    const dueMs = performance.now();
    for (let opened = 0; opened < job.streams; opened += 1) readers.push(streams.open(dueMs, burstChunks, burstEveryMs, exchanges[opened]));
    await streams.allEnded();
    await delay(betweenBurstsMs);
  }
  const cost = close();
  const units = streams.chunks;
  return { ...cost, units, ...streams.verdict(), waitsMs: readers.map(({ ttftMs }) => ttftMs), residentBeforeKib: 0, residentKib: 0 };
}
