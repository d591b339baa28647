/**
 * `npm run simulate:faults`: many worlds on all cores, or one with all that happens in it.
 *   --requests N   how many in all (default 100,000)      --first-seed N   where to begin (default 0)
 *   --seed N       one world only                          --verbose        with its events, one a line
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { simulateWorld } from './simulate-world.ts';
import type { WorldReport } from './judge-world.ts';
import { sumReports } from './sum-reports.ts';

const requestsPerWorld = 200;
const shownFailures = 10;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    'first-seed': { type: 'string', default: '0' },
    seed: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function run(firstSeed: number, worlds: number): Promise<WorldReport[]> {
  const workers = Math.max(1, Math.min(availableParallelism(), worlds));
  const reports: WorldReport[] = [];
  const done = Array.from({ length: workers }, (_, index) => {
    const worker = new Worker(new URL('./simulate-worker.ts', import.meta.url), {
      workerData: { firstSeed: firstSeed + index, endSeed: firstSeed + worlds, step: workers, requests: requestsPerWorld },
    });
    worker.on('message', (report: WorldReport) => {
      reports.push(report);
      if (reports.length % 500 === 0) process.stderr.write(`${reports.length} of ${worlds} worlds\n`);
    });
    return new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  });
  return Promise.all(done).then(() => reports);
}

function printTable(reports: readonly WorldReport[], seconds: number): void {
  const { virtualMs, ...totals } = sumReports(reports);
  for (const [name, count] of Object.entries(totals)) say(`${name.padEnd(14)} ${count.toLocaleString('en').padStart(12)}`);
  say(`${'virtual time'.padEnd(14)} ${`${(virtualMs / 3_600_000).toFixed(1)} h`.padStart(12)}`);
  say(`${'real time'.padEnd(14)} ${`${seconds.toFixed(1)} s`.padStart(12)}`);
}

const began = performance.now();
const reports =
  values.seed === undefined
    ? await run(Number(values['first-seed']), Math.ceil(Number(values.requests) / requestsPerWorld))
    : [await simulateWorld(Number(values.seed), requestsPerWorld, values.verbose ? say : undefined)];
printTable(reports, (performance.now() - began) / 1000);
const failures = reports.flatMap(({ seed, violations }) => violations.map((what) => ({ seed, what })));
say(`violations     ${failures.length.toLocaleString('en').padStart(12)}`);
for (const { seed, what } of failures.slice(0, shownFailures)) {
  say(`seed ${seed}: ${what}`);
  say(`  replay with: npm run simulate:faults -- --seed ${seed} --verbose`);
}
if (failures.length > 0) process.exitCode = 1;
