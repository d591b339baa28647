import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { nodeFlags } from '../../src/std/node-flags.ts';
import { pidOf, startProduct } from '../support/start-product.ts';

test('S39: the bootstrap starts the product with the flags that its own processes have, and `__proto__` is no door there', () => {
  const bootstrap = readFileSync(new URL('../../bin/second-source.mjs', import.meta.url), 'utf8');
  expect(bootstrap).toContain(`const nodeFlags = [${nodeFlags.map((flag) => `'${flag}'`).join(', ')}];`);
  const found = execFileSync(process.execPath, [...nodeFlags, '-p', `'__proto__' in {} || ({}).__proto__ !== undefined`], { encoding: 'utf8' });
  expect(found.trim()).toBe('false');
});

test('S39: the serving process, its siblings and the engines run with them', { skip: process.platform !== 'linux' }, async () => {
  const product = await startProduct(['up', '--demo', '--port', '0', '--processes', '2']);
  onTestFinished(product.stop);
  await expect.poll(async () => pidOf(await product.endpoints(), 'engine-a'), { timeout: 30_000 }).toBeTypeOf('number');
  const status: unknown = await product.get('/control/v1/status');
  const pids = [...JSON.stringify(status).matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid));
  expect(pids.length).toBeGreaterThanOrEqual(2);
  for (const pid of [product.pid, ...pids, pidOf(await product.endpoints(), 'engine-a') ?? 0])
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')).toEqual(expect.arrayContaining([...nodeFlags]));
});
