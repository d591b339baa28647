import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { databasePath } from '../../src/ledger/journal-file.ts';
import { postRaw } from '../support/read-answer.ts';
import { reconcileLedger } from '../support/reconcile-ledger.ts';
import { startCountingUpstream, type CountingUpstream } from '../support/counting-upstream.ts';
import { startProduct, type Product } from '../support/start-product.ts';
import { writeConfig } from '../support/write-config.ts';

const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });

interface World {
  readonly product: Product;
  readonly upstream: CountingUpstream;
  readonly directory: string;
  /** Resolves to the status of one answer, and to the code of its error. */
  readonly ask: () => Promise<readonly [number, string | undefined]>;
}

/** The product with its ledger on a file system of its own. Undefined where that cannot be mounted. */
async function worldOnTinyDisk(memory: string): Promise<World | undefined> {
  const upstream = await startCountingUpstream(() => 3);
  onTestFinished(() => upstream.stop());
  const config = writeConfig(upstream.origin, { eventLoopLagMs: 60_000 }, {}, { memory });
  onTestFinished(() => config.remove());
  mkdirSync(config.ledgerDirectory, { mode: 0o700 });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', config.ledgerDirectory]).status !== 0) return undefined;
  onTestFinished(() => void spawnSync('umount', ['-l', config.ledgerDirectory]));
  const product = await startProduct(['up', '--config', config.path, '--port', '0']);
  onTestFinished(() => product.stop());
  const ask: World['ask'] = async () => {
    const { status, text } = await postRaw(`${product.url}/v1/chat/completions`, body);
    return [status, /"code":"([a-z_]+)"/.exec(text)?.[1]];
  };
  return { product, upstream, directory: config.ledgerDirectory, ask };
}

/** Asks until an answer is as wanted, which it must become by itself. */
async function becomes({ ask }: World, wanted: readonly [number, string | undefined]): Promise<void> {
  await expect.poll(ask, { timeout: 20_000, interval: 100 }).toEqual(wanted);
}

const refused = [503, 'ledger_unavailable'] as const;
const served = [200, undefined] as const;

/** Nobody was dispatched without a record, and every record is what the upstream saw. */
async function isExact({ product, upstream, directory }: World): Promise<void> {
  product.signal('SIGTERM');
  expect(await product.ended).toBe(0);
  expect(reconcileLedger(directory, upstream.calls)).toMatchObject({ unknown: 0, neverArrived: 0, mismatches: [], charges: upstream.calls.length });
}

test.each(['/dev/shm', 'off'])(
  '90: a full disk refuses every request before it is dispatched, loses nothing, and is over when there is space (memory %s)',
  async (memory) => {
    const world = await worldOnTinyDisk(memory);
    if (world === undefined) return;
    expect(await world.ask()).toEqual(served);
    const ballast = join(world.directory, 'ballast');
    const { bavail, bsize } = statfsSync(world.directory);
    writeFileSync(ballast, Buffer.alloc(bavail * bsize));
    await becomes(world, refused);
    const before = world.upstream.calls.length;
    expect(await world.ask()).toEqual(refused);
    expect(world.upstream.calls.length).toBe(before);
    expect(world.product.output()).toContain('disk is full');
    rmSync(ballast);
    await becomes(world, served);
    await isExact(world);
  },
  60_000,
);

test('90: a gateway whose ledger folder is read-only does not start, and says what to do', async () => {
  // The control API's state would stand in the same folder.
  const config = writeConfig('http://127.0.0.1:9', {}, { control: { directory: 'control' } });
  onTestFinished(() => config.remove());
  mkdirSync(config.ledgerDirectory, { mode: 0o700 });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,ro', 'tmpfs', config.ledgerDirectory]).status !== 0) return;
  onTestFinished(() => void spawnSync('umount', ['-l', config.ledgerDirectory]));
  const start = (): Promise<Product> => startProduct(['up', '--config', config.path, '--port', '0']);
  await expect(start()).rejects.toThrow(/ledger .* cannot be written by this process: give it write permission or choose another directory/);
  expect(spawnSync('mount', ['-o', 'remount,rw', config.ledgerDirectory]).status).toBe(0);
  await (await start()).stop();
}, 60_000);

test('90: a database that another program locks holds up nobody, and has everything when it is free again', async () => {
  const world = await worldOnTinyDisk('/dev/shm');
  if (world === undefined) return;
  const other = new DatabaseSync(databasePath(world.directory));
  other.exec('BEGIN IMMEDIATE');
  for (let index = 0; index < 5; index += 1) expect(await world.ask()).toEqual(served);
  other.exec('ROLLBACK');
  other.close();
  expect(await world.ask()).toEqual(served);
  await isExact(world);
}, 60_000);
