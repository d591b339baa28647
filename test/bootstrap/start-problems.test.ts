import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { memoryProblem } from '../../src/compose/check-memory.ts';
import { pidOf, startProduct } from '../support/start-product.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A clone in which nothing is installed yet. */
function emptyClone(): string {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-clone-'));
  folders.push(folder);
  for (const part of ['bin', 'package.json', 'package-lock.json', 'packages']) cpSync(join(root, part), join(folder, part), { recursive: true });
  return folder;
}

function run(
  folder: string,
  args: readonly string[],
  options: { readonly env?: Record<string, string>; readonly uid?: number } = {},
): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(folder, 'bin/second-source.mjs'), ...args], {
      cwd: folder,
      env: { ...process.env, npm_execpath: '', ...options.env },
      ...(options.uid === undefined ? {} : { uid: options.uid }),
    });
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString('utf8')));
    child.on('exit', (code) => resolve({ code, stderr }));
  });
}

test('without network the first start says so in one sentence', async () => {
  const env = {
    npm_config_registry: 'http://127.0.0.1:1',
    npm_config_cache: join(tmpdir(), 'second-source-empty-cache'),
    npm_config_fetch_retries: '0',
  };
  const { code, stderr } = await run(emptyClone(), ['start'], { env });
  expect(code).toBe(1);
  expect(stderr).toMatch(/npm could not reach its registry.*connect this machine to the network/);
});

// Root may write anywhere, so it starts the clone as somebody who may not; without root nobody else can be tried.
test.skipIf(process.getuid?.() !== 0)('in a folder that cannot be written the first start says so in one sentence', async () => {
  const folder = emptyClone();
  chmodSync(folder, 0o755);
  const { code, stderr } = await run(folder, ['start'], { uid: 65_534 });
  expect(code).toBe(1);
  expect(stderr).toMatch(/cannot be written; make it writable or clone the project elsewhere/);
});

test('a port that is taken is one sentence and exit code 1', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(startProduct(['up', '--demo', '--port', String(port)])).rejects.toThrow(
    new RegExp(`ended with 1[^]*Port ${port} on 127.0.0.1 is taken by another program; .* choose another port with --port`),
  );
  await new Promise((resolve) => taken.close(resolve));
});

test('models that do not fit the memory are refused before anything is loaded, with figures', () => {
  expect(memoryProblem([8e9, 8e9], 4e9)).toMatch(/This machine has 3815 MiB of memory free, and 2 engine processes would need about 15499 MiB; /);
  expect(memoryProblem([3e6, 3e6], 4e9)).toBeUndefined();
});

test('Ctrl-C ends everything: exit code 0, no engine left behind, nothing listening', async () => {
  const product = await startProduct(['up', '--demo', '--port', '0']);
  onTestFinished(() => product.stop());
  const endpoints = await product.endpoints();
  const pids = ['engine-a', 'engine-b'].flatMap((id) => pidOf(endpoints, id) ?? []);
  expect(pids).toHaveLength(2);
  product.signal('SIGINT');
  expect(await product.ended).toBe(0);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  await expect(fetch(`${product.url}/health`)).rejects.toThrow(/fetch failed/);
});

test('kill -9 of the product leaves no engine behind', async () => {
  const product = await startProduct(['up', '--demo', '--port', '0']);
  onTestFinished(() => product.stop());
  const pid = pidOf(await product.endpoints(), 'engine-a');
  product.signal('SIGKILL');
  await product.ended;
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
});

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}
