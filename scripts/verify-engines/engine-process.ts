import { closeSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { engineFolder } from './engine-folder.ts';
import { freePort } from './free-port.ts';
import { sleep, systemClock } from '../../src/std/clock.ts';

/** How one engine is started, what of it computes, and where it says how much it has to do. */
export interface EngineRecipe {
  readonly id: string;
  readonly version: string;
  readonly program: string;
  readonly args: (port: number) => readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly readyTimeoutMs: number;
  /** Its profile of quirks, which the doctor must find by its answers alone. */
  readonly profile: 'vllm' | 'llama.cpp' | 'second-source' | 'transformers-serve';
  /** The name of the child process that computes, where it is not the server itself. */
  readonly core: string | undefined;
  /** The gauge in `/metrics` of the requests that it works on; undefined where it has none. */
  readonly runningGauge: string | undefined;
  /** What it calls the model. */
  readonly upstreamModel: string;
  /** Whether it tells that name in `/v1/models`. */
  readonly listsModels: boolean;
}

const stopTimeoutMs = 5000;
const askAgainMs = 50;
/** Linux counts processor time for its users in hundredths of a second, whatever its own clock. */
const tickMs = 10;

/** An engine in a process group of its own, which keeps its port when it is started again. */
export class EngineProcess {
  readonly recipe: EngineRecipe;
  readonly port: number;
  #child: ChildProcess | undefined;
  #closed = false;

  private constructor(recipe: EngineRecipe, port: number) {
    this.recipe = recipe;
    this.port = port;
  }

  static async start(recipe: EngineRecipe): Promise<EngineProcess> {
    const engine = new EngineProcess(recipe, await freePort());
    await engine.start();
    return engine;
  }

  get id(): string {
    return this.recipe.id;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again after a kill, and waits until it answers. */
  async start(): Promise<void> {
    await this.#end();
    if (this.#closed) throw new Error(`${this.id} was closed`);
    const { id, program, args, env, readyTimeoutMs } = this.recipe;
    const log = openSync(join(engineFolder, `${id}.log`), 'w');
    const child = spawn(program, args(this.port), { stdio: ['ignore', log, log], detached: true, env: { ...process.env, ...env } });
    closeSync(log);
    this.#child = child;
    child.on('error', () => undefined);
    const deadlineMs = systemClock.nowMs() + readyTimeoutMs;
    while (!(await this.#answers())) {
      const ended = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
      if (ended || systemClock.nowMs() > deadlineMs) {
        await this.#end();
        throw new Error(`${id} did not start; its log is .engines/${id}.log`);
      }
      await sleep(systemClock, askAgainMs);
    }
  }

  /** Kills what computes as `kill -9` does; what of the engine outlives that does as it likes. */
  kill(): void {
    this.#signalCore('SIGKILL');
  }

  /** Stops what computes in the middle of it, for the moment until it is killed. */
  freeze(): void {
    this.#signalCore('SIGSTOP');
  }

  async runningRequests(): Promise<number> {
    const { runningGauge } = this.recipe;
    if (runningGauge === undefined) return Number.NaN;
    const text = await (await fetch(`${this.origin}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(runningGauge));
    return Number(line?.split(' ').at(-1));
  }

  /** The processor time that it has taken so far, all its threads together. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#child?.pid ?? 'self'}/stat`, 'utf8');
    // The name in parentheses may hold anything; user and system time are the 12th and 13th field after it (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  }

  /** Ends it for good: a check that is still under way cannot start it again. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#end();
  }

  /** Ends the whole group, by force where asking is not enough. */
  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined) return;
    signalGroup(child.pid, 'SIGTERM');
    const cancel = systemClock.after(stopTimeoutMs, () => child.kill('SIGKILL'));
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    cancel();
    // The leader's end is not its children's: a killed engine core leaves a worker behind.
    signalGroup(child.pid, 'SIGKILL');
  }

  #signalCore(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.id} does not run`);
    process.kill(this.recipe.core === undefined ? pid : childNamed(pid, this.recipe.core), signal);
  }

  async #answers(): Promise<boolean> {
    try {
      return (!this.recipe.listsModels || (await fetch(`${this.origin}/v1/models`)).ok) && (await fetch(`${this.origin}/health`)).ok;
    } catch {
      return false;
    }
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/** Linux cuts a process's name to 15 characters. */
function childNamed(pid: number, name: string): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).map(Number);
  const found = children.find((child) => readFileSync(`/proc/${child}/comm`, 'utf8').trim() === name.slice(0, 15));
  if (found === undefined) throw new Error(`process ${pid} has no child named ${name}`);
  return found;
}
