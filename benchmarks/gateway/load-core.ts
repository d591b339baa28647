import { fileURLToPath } from 'node:url';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import type { Job, Outcome } from './load/job.ts';

const mock = fileURLToPath(new URL('./mock-upstream.ts', import.meta.url));
const load = fileURLToPath(new URL('./load/run.ts', import.meta.url));

export interface RunningMock {
  readonly ports: readonly number[];
  readonly pid: number;
  readonly stop: () => void;
}

function spawnOn(core: number, args: readonly string[]) {
  return spawn('taskset', ['-c', String(core), process.execPath, '--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** Starts the mock upstream on a core; it ends when this process does. */
export async function startMock(ports: number, core: number): Promise<RunningMock> {
  const child = spawnOn(core, [mock, String(ports)]);
  const [line]: Buffer[] = await once(child.stdout, 'data');
  return { ports: JSON.parse(String(line)), pid: child.pid ?? 0, stop: () => void child.stdin.end() };
}

/** A load that could not run for so long measured the machine and nothing else: virtual ones are stopped now and then. */
const standstillMs = 1500;
const mostTries = 3;

/** Runs one load in a process of its own on a core, and again where the machine stood still meanwhile. */
export async function runLoad(job: Job, core: number): Promise<Outcome> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await runOnce(job, core);
    if (outcome.ownLateMs < standstillMs || tries === mostTries) return outcome;
    console.log(`  the machine stood still for ${(outcome.ownLateMs / 1000).toFixed(1)} s: once more`);
  }
}

async function runOnce(job: Job, core: number): Promise<Outcome> {
  const child = spawnOn(core, [load, JSON.stringify(job)]);
  let printed = '';
  child.stdout.on('data', (part: Buffer) => (printed += part.toString('utf8')));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`the load generator ended with ${child.exitCode}`);
  return JSON.parse(printed);
}
