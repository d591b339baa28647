/*
 * The signature that the gateway codes against:
 *
 *   const engine = await superviseEngine(options, systemClock);   // resolves when the child answers, rejects if it cannot
 *   engine.socketPath            // an HTTP server on this Unix socket: /v1/chat/completions, /v1/completions, …
 *   engine.silicon.vendor        // measured on this machine
 *   engine.onFault((fault) => …) // each unexpected end of the child: {atMs, reason, restarts}
 *   await engine.stop()
 *
 * The socket path stays the same across restarts.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../std/clock.ts';
import type { ReadyMessage } from './child-options.ts';
import type { EngineOptions } from './engine-options.ts';
import { spawnEngine, type EngineChild } from './spawn-engine.ts';
import type { Silicon } from './silicon.ts';

export type { EngineOptions } from './engine-options.ts';
export type { Silicon } from './silicon.ts';

export type EngineState = 'starting' | 'ready' | 'restarting' | 'stopped' | 'failed';

/** One unexpected end of the child process. */
export interface EngineFault {
  /** The supervisor's clock (`nowMs`) when the end was seen. */
  readonly atMs: number;
  /** `signal SIGKILL`, `exit code 1`, `not ready within 60000 ms`, … */
  readonly reason: string;
  /** How many restarts there have been, this one included. */
  readonly restarts: number;
}

export interface SupervisedEngine {
  readonly name: string;
  /** Stays the same across restarts. */
  readonly socketPath: string;
  readonly pid: () => number | undefined;
  readonly silicon: Silicon;
  readonly modelNames: readonly string[];
  readonly contextTokens: number;
  readonly state: () => EngineState;
  /** Each returns a function that takes the callback away again. */
  readonly onFault: (callback: (fault: EngineFault) => void) => () => void;
  /** Called each time the child has become ready again after a fault. */
  readonly onReady: (callback: () => void) => () => void;
  /** Ends the child and waits for its end; idempotent. */
  readonly stop: () => Promise<void>;
}

/** The pauses before the restarts of a child that keeps ending: the first is immediate, and after the last it has failed. */
const restartDelaysMs = [0, 250, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000];
/** A child that was ready for so long starts again with the first pause. */
const stableMs = 30_000;
/** Linux allows 108 bytes for a socket's path, its end mark included; macOS 104. */
const maxSocketPathBytes = 103;

export async function superviseEngine(options: EngineOptions, clock: Clock): Promise<SupervisedEngine> {
  const socketPath = prepareSocketPath(options);
  const supervisor = new Supervisor(options, socketPath, clock);
  const ready = await supervisor.start();
  return {
    name: options.name,
    socketPath,
    pid: () => supervisor.pid(),
    silicon: withoutUndefined(ready.silicon),
    modelNames: ready.modelNames,
    contextTokens: ready.contextTokens,
    state: () => supervisor.state,
    onFault: (callback) => subscribe(supervisor.faultCallbacks, callback),
    onReady: (callback) => subscribe(supervisor.readyCallbacks, callback),
    stop: () => supervisor.stop(),
  };
}

class Supervisor {
  state: EngineState = 'starting';
  readonly faultCallbacks = new Set<(fault: EngineFault) => void>();
  readonly readyCallbacks = new Set<() => void>();
  readonly #options: EngineOptions;
  readonly #socketPath: string;
  readonly #clock: Clock;
  #child: EngineChild | undefined;
  #restarts = 0;
  #crashesInARow = 0;
  #readyAtMs = 0;
  #knownThreads: { threads?: number } = {};
  #cancelRestart: () => void = () => undefined;

  constructor(options: EngineOptions, socketPath: string, clock: Clock) {
    this.#options = options;
    this.#socketPath = socketPath;
    this.#clock = clock;
  }

  pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The first start: its failure is the caller's to hear of, and nothing is tried again. */
  async start(): Promise<ReadyMessage> {
    try {
      return await this.#spawn();
    } catch (thrown) {
      this.state = 'failed';
      throw thrown;
    }
  }

  async stop(): Promise<void> {
    this.state = 'stopped';
    this.#cancelRestart();
    await this.#child?.stop();
    rmSync(this.#socketPath, { force: true });
  }

  async #spawn(): Promise<ReadyMessage> {
    const child = spawnEngine({ ...this.#options, ...this.#knownThreads }, this.#socketPath, this.#clock);
    this.#child = child;
    const ready = await child.ready;
    if (this.state === 'stopped') return ready;
    this.#readyAtMs = this.#clock.nowMs();
    this.state = 'ready';
    // A restart need not measure again, and should be quick.
    this.#knownThreads = { threads: ready.silicon.threads };
    void child.ended.then((reason) => this.#onEnd(reason));
    return ready;
  }

  #onEnd(reason: string): void {
    this.#child = undefined;
    if (this.state === 'stopped') return;
    const stable = this.state === 'ready' && this.#clock.nowMs() - this.#readyAtMs >= stableMs;
    if (stable) this.#crashesInARow = 0;
    const delayMs = restartDelaysMs[this.#crashesInARow];
    this.#crashesInARow += 1;
    if (delayMs === undefined) this.state = 'failed';
    else {
      this.state = 'restarting';
      this.#restarts += 1;
      this.#cancelRestart = this.#clock.after(delayMs, () => void this.#restart());
    }
    const fault = { atMs: this.#clock.nowMs(), reason, restarts: this.#restarts };
    for (const callback of this.faultCallbacks) callback(fault);
  }

  async #restart(): Promise<void> {
    if (this.state === 'stopped') return;
    try {
      await this.#spawn();
    } catch (thrown) {
      this.#onEnd(thrown instanceof Error ? thrown.message : String(thrown));
      return;
    }
    for (const callback of this.readyCallbacks) callback();
  }
}

function prepareSocketPath(options: EngineOptions): string {
  mkdirSync(options.socketDirectory, { recursive: true, mode: 0o700 });
  const path = join(resolve(options.socketDirectory), `${options.name.replaceAll(/[^\w.-]/gu, '_')}.sock`);
  if (Buffer.byteLength(path) <= maxSocketPathBytes) return path;
  throw new Error(`The socket path ${path} is longer than the ${maxSocketPathBytes} bytes that systems allow.`);
}

function withoutUndefined(silicon: ReadyMessage['silicon']): Silicon {
  const { driver, ...rest } = silicon;
  return driver === undefined ? rest : { ...rest, driver };
}

function subscribe<Callback>(callbacks: Set<Callback>, callback: Callback): () => void {
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}
