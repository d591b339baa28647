/**
 * What the ledger costs a request in CPU time, all threads counted: `npm run benchmark:ledger`. The real ledger on a
 * real disk is given the records of ordinary requests at set rates, one event at a time as a gateway's loop has them,
 * and flat out in batches; a run that makes the same records without a ledger is taken off. Options of ours:
 * `-- RATE:COUNT …` for other rates. Exits 1 where an attempt was refused.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openSqliteLedger, realParts } from '../../src/ledger/open-sqlite-ledger.ts';
import { systemClock } from '../../src/std/clock.ts';
import { recordsOf, type RequestRecords } from './gateway-records.ts';

interface Cpu {
  readonly all: number;
  readonly main: number;
  readonly writer: number;
}
type Book = Pick<Ledger, 'openAttempt' | 'closeAttempt' | 'charge'>;
/** Gives a book the records of so many requests. */
type Load = (book: Book, requests: number) => Promise<void>;

const rounds = 3;
const arrivalsPath = fileURLToPath(new URL('./arrivals.ts', import.meta.url));
const sumUs = ({ user, system }: NodeJS.CpuUsage): number => user + system;

async function readCpu(worker: Worker | undefined): Promise<Cpu> {
  const writer = worker === undefined ? 0 : sumUs(await worker.cpuUsage());
  return { all: sumUs(process.cpuUsage()), main: sumUs(process.threadCpuUsage()), writer };
}

const settle = (book: Book, { closed, charge }: RequestRecords): void => {
  book.closeAttempt(closed);
  book.charge(charge);
};

/** Requests that come at a rate; each is opened when it arrives and settled when its answer ends. */
const paced =
  (perSecond: number): Load =>
  async (book, requests) => {
    const child = spawn('taskset', ['-c', '0', process.execPath, arrivalsPath, String(perSecond), String(requests)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const running: RequestRecords[] = [];
    const opens: Promise<void>[] = [];
    let opened = 0;
    let settled = 0;
    child.stdout.on('data', (events: Buffer) => {
      for (const event of events) {
        if (event === 0x6f) {
          const records = recordsOf(opened);
          opened += 1;
          running.push(records);
          opens.push(book.openAttempt(records.opened));
          continue;
        }
        const records = running[settled];
        settled += 1;
        if (records !== undefined) settle(book, records);
      }
    });
    await once(child.stdout, 'end');
    await Promise.all(opens);
  };

/** As fast as the ledger takes them, 64 at once. */
const flatOut: Load = async (book, requests) => {
  const atOnce = 64;
  for (let first = 0; first < requests; first += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, requests - first) }, (_, index) => recordsOf(first + index));
    await Promise.all(batch.map(({ opened }) => book.openAttempt(opened)));
    for (const records of batch) settle(book, records);
  }
};

const noBook: Book = {
  openAttempt: () => new Promise((resolve) => setImmediate(resolve)),
  closeAttempt: () => {},
  charge: () => {},
};

async function measureIdle(load: Load, requests: number): Promise<Cpu> {
  const before = await readCpu(undefined);
  await load(noBook, requests);
  return perRequest(before, await readCpu(undefined), requests);
}

async function measureLedger(load: Load, requests: number): Promise<Cpu> {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-benchmark-'));
  const workers: Worker[] = [];
  const startWorker: typeof realParts.startWorker = (start) => {
    const worker = realParts.startWorker(start);
    workers.push(worker);
    return worker;
  };
  try {
    const ledger = await openSqliteLedger({ directory, fsync: 'interval', clock: systemClock }, { ...realParts, startWorker });
    await flatOut(ledger, 2000);
    await ledger.flush();
    const before = await readCpu(workers[0]);
    await load(ledger, requests);
    await ledger.flush();
    const after = await readCpu(workers[0]);
    const { rows, openAttempts } = await ledger.usage({ groupBy: 'vendor' });
    const counted = rows.reduce((sum, row) => sum + row.requests, 0);
    const tried = rows.reduce((sum, row) => sum + row.attempts, 0);
    if (counted !== requests + 2000 || tried !== counted || openAttempts !== 0) {
      throw new Error(`the ledger counts ${counted} requests, ${tried} attempts, ${openAttempts} of them open; ${requests + 2000} were recorded`);
    }
    await ledger.close();
    return perRequest(before, after, requests);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function perRequest(before: Cpu, after: Cpu, requests: number): Cpu {
  return { all: (after.all - before.all) / requests, main: (after.main - before.main) / requests, writer: (after.writer - before.writer) / requests };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function report(name: string, load: Load, requests: number): Promise<void> {
  const found: Cpu[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const idle = await measureIdle(load, requests);
    const full = await measureLedger(load, requests);
    found.push({ all: full.all - idle.all, main: full.main - idle.main, writer: full.writer });
  }
  const all = median(found.map((cpu) => cpu.all));
  const main = median(found.map((cpu) => cpu.main));
  const writer = median(found.map((cpu) => cpu.writer));
  const cells = [all, main, writer, all - main - writer].map((us) => us.toFixed(1));
  console.log(`| ${name} | ${requests} | ${cells.join(' | ')} |`);
}

// As the gateway is measured: all its threads on one core, the load on another. A thread that wakes one on another core
// pays several times what it pays on its own.
if (spawnSync('taskset', ['-apc', '1', String(process.pid)]).status !== 0) throw new Error('this benchmark needs Linux, its taskset and two cores');

const given = process.argv.slice(2).map((text) => text.split(':').map(Number));
const rates = given.length > 0 ? given : [[50, 250], [3000, 15_000], [15_000, 60_000]]; // prettier-ignore
console.log(`µs of CPU time a request, median of ${rounds}; every run's requests are counted by usage afterwards\n`);
console.log('| load | requests | all | main thread | SQLite thread | pool and rest |');
console.log('|---|--:|--:|--:|--:|--:|');
for (const [perSecond = 0, requests = 0] of rates) await report(`${perSecond}/s`, paced(perSecond), requests);
if (given.length === 0) await report('flat out, 64 at once', flatOut, 60_000);
