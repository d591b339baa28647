import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../../src/std/node-flags.ts';
import type { EndpointStatus } from '../../src/fleet/fleet.ts';

const entry = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Product {
  readonly url: string;
  readonly controlUrl: string;
  readonly pid: number;
  readonly output: () => string;
  readonly endpoints: () => Promise<readonly EndpointStatus[]>;
  /** POSTs to the control API. */
  readonly control: (path: string) => Promise<Response>;
  readonly get: (path: string) => Promise<unknown>;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<number | null>;
  readonly stop: () => Promise<void>;
}

/** Starts what `npm start` starts, in a process of its own and an empty folder, on a free port. */
export async function startProduct(args: readonly string[]): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-test-'));
  const child = spawn(process.execPath, [...nodeFlags, entry, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString('utf8')));
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const { url, controlUrl } = await new Promise<Pick<Product, 'url' | 'controlUrl'>>((resolve, reject) => {
    const look = setInterval(() => {
      const [, found, foundControl] = /serves (https?:\/\/\S+)\/v1\nControl \w+ at (\S+)\/\n/.exec(output) ?? [];
      if (found === undefined || foundControl === undefined) return;
      clearInterval(look);
      resolve({ url: found, controlUrl: foundControl });
    }, 50);
    void ended.then((code) => {
      clearInterval(look);
      reject(new Error(`the product ended with ${code} before it served:\n${output}`));
    });
  });
  const headers = { 'x-second-source-control': '1' };
  const get = async (path: string): Promise<unknown> => (await fetch(`${controlUrl}${path}`, { headers })).json();
  return {
    url,
    controlUrl,
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    get,
    endpoints: async () => {
      const answer: { endpoints: readonly EndpointStatus[] } = JSON.parse(
        await (await fetch(`${controlUrl}/control/v1/endpoints`, { headers })).text(),
      );
      return answer.endpoints;
    },
    control: (path) => fetch(`${controlUrl}${path}`, { method: 'POST', headers }),
    signal: (signal) => child.kill(signal),
    stop: async () => {
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The process of an engine, as its endpoint tells it. */
export function pidOf(endpoints: readonly EndpointStatus[], id: string): number | undefined {
  const pid = /process (\d+)/.exec(endpoints.find((endpoint) => endpoint.id === id)?.note ?? '')?.[1];
  return pid === undefined ? undefined : Number(pid);
}
