/**
 * What the ledger costs a request in CPU time, all threads counted: `npm run benchmark:ledger`. The real ledger on a
 * real disk is given the records of ordinary requests at set rates, one event at a time as a gateway's loop has them,
 * and flat out in batches; a run that makes the same records without a ledger is taken off. Other loads:
 * `npm run benchmark:ledger -- 1000:5000 flat:20000`. Refused are attempts
 * that came while 8,192 waited, as after a pause of the whole process; exits 1 where the ledger lost one that it took.
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
/** Gives a book the records of so many requests; resolves to how many of them it refused. */
type Load = (book: Book, requests: number) => Promise<number>;

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
    const running: { readonly records: RequestRecords; readonly isTaken: Promise<boolean> }[] = [];
    let settled = 0;
    const open = (): void => {
      const records = recordsOf(running.length);
      running.push({ records, isTaken: Promise.resolve(book.openAttempt(records.opened)).then(yes, no) });
    };
    const end = async (): Promise<void> => {
      const request = running[settled];
      settled += 1;
      if (request !== undefined && (await request.isTaken)) settle(book, request.records);
    };
    child.stdout.on('data', (events: Buffer) => {
      for (const event of events) {
        if (event === 0x6f) open();
        else void end();
      }
    });
    await once(child.stdout, 'end');
    const all = await Promise.all(running.map(({ isTaken }) => isTaken));
    return all.filter((isTaken) => !isTaken).length;
  };

const yes = (): boolean => true;
const no = (): boolean => false;

/** As fast as the ledger takes them, 64 at once. */
const flatOut: Load = async (book, requests) => {
  const atOnce = 64;
  for (let first = 0; first < requests; first += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, requests - first) }, (_, index) => recordsOf(first + index));
    await Promise.all(batch.map(async ({ opened }) => book.openAttempt(opened)));
    for (const records of batch) settle(book, records);
  }
  return 0;
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

async function measureLedger(load: Load, requests: number): Promise<Cpu & { readonly refused: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-benchmark-'));
  const workers: Worker[] = [];
  const startWorker: typeof realParts.startWorker = (start) => {
    const worker = realParts.startWorker(start);
    workers.push(worker);
    return worker;
  };
  try {
    const ledger = await openSqliteLedger({ directory, fsync: 'interval', memory: '/dev/shm', clock: systemClock }, { ...realParts, startWorker });
    await flatOut(ledger, 2000);
    await ledger.flush();
    const before = await readCpu(workers[0]);
    const refused = await load(ledger, requests);
    await ledger.flush();
    const after = await readCpu(workers[0]);
    const { rows, openAttempts } = await ledger.usage({ groupBy: 'vendor' });
    const counted = rows.reduce((sum, row) => sum + row.requests, 0);
    const tried = rows.reduce((sum, row) => sum + row.attempts, 0);
    const expected = requests + 2000 - refused;
    if (counted !== expected || tried !== counted || openAttempts !== 0) {
      throw new Error(`the ledger counts ${counted} requests, ${tried} attempts, ${openAttempts} of them open; ${expected} were recorded`);
    }
    await ledger.close();
    return { ...perRequest(before, after, requests), refused };
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
  let refused = 0;
  for (let round = 0; round < rounds; round += 1) {
    const idle = await measureIdle(load, requests);
    const full = await measureLedger(load, requests);
    refused += full.refused;
    found.push({ all: full.all - idle.all, main: full.main - idle.main, writer: full.writer });
  }
  const all = median(found.map((cpu) => cpu.all));
  const main = median(found.map((cpu) => cpu.main));
  const writer = median(found.map((cpu) => cpu.writer));
  const cells = [all, main, writer, all - main - writer].map((us) => us.toFixed(1));
  console.log(`| ${name} | ${requests} | ${cells.join(' | ')} | ${refused} |`);
}

// As the gateway is measured: all its threads on one core, the load on another. A thread that wakes one on another core
// pays several times what it pays on its own.
if (spawnSync('taskset', ['-apc', '1', String(process.pid)]).status !== 0) throw new Error('this benchmark needs Linux, its taskset and two cores');

const given = process.argv.slice(2);
const loads = given.length > 0 ? given : ['50:250', '3000:15000', '15000:60000', 'flat:60000'];
console.log(`µs of CPU time a request, median of ${rounds}; every run's requests are counted by usage afterwards\n`);
console.log('| load | requests | all | main thread | SQLite thread | pool and rest | refused |');
console.log('|---|--:|--:|--:|--:|--:|--:|');
for (const each of loads) {
  const [rate = '', requests = ''] = each.split(':');
  if (rate === 'flat') await report('flat out, 64 at once', flatOut, Number(requests));
  else await report(`${rate}/s`, paced(Number(rate)), Number(requests));
}
