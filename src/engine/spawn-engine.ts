import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../std/node-flags.ts';
import type { Clock } from '../std/clock.ts';
import { readyMessage, stopMessage, type ChildArguments, type ReadyMessage } from './child-options.ts';
import type { EngineOptions } from './engine-options.ts';

/** One run of the engine process. */
export interface EngineChild {
  readonly pid: number | undefined;
  /** Resolves when it listens; rejects, with its last words, when it ends before or takes too long. */
  readonly ready: Promise<ReadyMessage>;
  /** Why it ended: `signal SIGKILL`, `exit code 1`. */
  readonly ended: Promise<string>;
  readonly stop: () => Promise<void>;
}

const readyTimeoutMs = 120_000;
/** How long a child that was asked to stop may take. */
const stopTimeoutMs = 2000;
const lastLines = 20;
/** Beside us, with our own ending: `.ts` in the sources, `.js` where they were compiled. */
const entry = fileURLToPath(new URL(`./main${import.meta.url.endsWith('.js') ? '.js' : '.ts'}`, import.meta.url));

export function spawnEngine(options: EngineOptions, socketPath: string, clock: Clock): EngineChild {
  const child = spawn(process.execPath, [...nodeFlags, entry, childArguments(options, socketPath)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // In a group of its own, or the terminal's Ctrl-C would reach it before it can ignore it.
    detached: true,
    env: {
      ...process.env,
      NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true',
      // llama.cpp keeps its worker threads per calling thread: with several callers they fight over the cores
      // (decoding with two threads was up to 17 times slower than with one).
      UV_THREADPOOL_SIZE: '1',
      // Spares a restart the compilation of what it loads; beside the socket, where no one else can write.
      NODE_COMPILE_CACHE: join(dirname(socketPath), 'compile-cache'),
    },
  });
  const tail = lastStderrLines(child);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`));
  });
  const ready = whenReady(child, ended, tail, options.name, clock);
  let listening = false;
  void ready.then(
    () => (listening = true),
    () => undefined,
  );
  return {
    pid: child.pid,
    ready,
    ended,
    stop: async () => {
      // While it loads it has nothing to end well.
      if (listening && child.connected) child.send(stopMessage, () => undefined);
      else child.kill('SIGKILL');
      const cancel = clock.after(stopTimeoutMs, () => child.kill('SIGKILL'));
      await ended;
      cancel();
    },
  };
}

function whenReady(child: ChildProcess, ended: Promise<string>, tail: () => string, name: string, clock: Clock): Promise<ReadyMessage> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      cancel();
      reject(new Error(`The engine \`${name}\` did not start: ${reason}.${tail()}`));
    };
    const cancel = clock.after(readyTimeoutMs, () => {
      child.kill('SIGKILL');
      fail(`not ready within ${readyTimeoutMs} ms`);
    });
    child.on('message', (message) => {
      const parsed = readyMessage.safeParse(message);
      if (!parsed.success) return;
      cancel();
      resolve(parsed.data);
    });
    void ended.then(fail);
  });
}

function childArguments(options: EngineOptions, socketPath: string): string {
  const given: ChildArguments = {
    modelPath: options.modelPath,
    modelName: options.modelName,
    socketPath,
    gpu: options.gpu ?? false,
    sequences: options.sequences,
    contextTokens: options.contextTokens,
    threads: options.threads,
    maxWaiting: options.maxWaiting,
  };
  return JSON.stringify(given);
}

/** Keeps what the child said last, for the error of one that does not start. */
function lastStderrLines(child: ChildProcess): () => string {
  let lines: string[] = [];
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    lines = [...lines, ...text.split('\n').filter((line) => line !== '')].slice(-lastLines);
  });
  return () => (lines.length === 0 ? '' : ` It said:\n${lines.join('\n')}`);
}
