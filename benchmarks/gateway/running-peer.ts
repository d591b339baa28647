import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { raisePriority } from './raise-priority.ts';
import { freePort } from '../../scripts/verify-engines/free-port.ts';
import type { Peer } from './peers/peer.ts';
import type { Target } from './load/job.ts';

const stopTimeoutMs = 10_000;
const clientKey = 'benchmark-key-of-the-client';

/** Where it runs, and whether before what else runs there. */
export interface Place {
  readonly core: number;
  readonly raised: boolean;
}

export interface RunningPeer {
  readonly target: Target;
  readonly stop: () => Promise<void>;
}

/** Starts a peer on one core and waits until a chat request goes through it. */
export async function startPeer(peer: Peer, upstreamPorts: readonly number[], { core, raised }: Place): Promise<RunningPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-benchmark-'));
  const port = await freePort();
  const { program, args, env, readyTimeoutMs } = peer.command({ upstreamPorts, port, key: clientKey, folder });
  const logPath = join(folder, 'log');
  const log = openSync(logPath, 'w');
  const child = spawn('taskset', ['-c', peer.bothCores ? '0,1' : String(core), program, ...args], {
    cwd: folder,
    stdio: ['ignore', log, log],
    detached: true,
    env: { ...process.env, ...env },
  });
  closeSync(log);
  if (raised && child.pid !== undefined) raisePriority(child.pid);
  const target: Target = { port, key: clientKey, path: peer.path, headers: peer.headers(upstreamPorts), pids: [child.pid ?? 0] };
  const stop = async (): Promise<void> => {
    await endGroup(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const deadlineMs = performance.now() + readyTimeoutMs;
  for (let last = ''; (last = await ask(target)) !== 'answers';) {
    if (child.exitCode === null && performance.now() < deadlineMs) {
      await delay(100);
      continue;
    }
    const said = readFileSync(logPath, 'utf8').trim().split('\n').slice(-5).join(' | ');
    await stop();
    throw new Error(`${peer.name} did not start: ${last}; it said: ${said.slice(0, 600)}`);
  }
  return { target, stop };
}

function split(header: string): [string, string] {
  const colon = header.indexOf(': ');
  return [header.slice(0, colon), header.slice(colon + 2)];
}

async function ask({ port, path, key, headers }: Target): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: [['authorization', `Bearer ${key}`], ['content-type', 'application/json'], ...headers.map(split)],
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'ready?' }] }),
      signal: AbortSignal.timeout(5000),
    });
    const text = await answer.text();
    return answer.ok ? 'answers' : `${answer.status} ${text.slice(0, 200)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Asks the whole process group to end, and ends it where that does not help. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const { pid } = child;
  signalGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), stopTimeoutMs);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  clearTimeout(timer);
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
