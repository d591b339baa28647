import { afterEach, beforeEach, expect, test } from 'vitest';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { keySecrets } from './peppers.ts';
import { openKeyBook } from './open-key-book.ts';
import { systemClock } from '../../std/clock.ts';
import { tmpdir } from 'node:os';
import type { Clock } from '../../std/clock.ts';
import type { KeyBook, MadeKey } from '../../access/key-book.ts';

let directory = '';
const stops: (() => void)[] = [];
const said: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'second-source-keys-'));
});

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  said.length = 0;
  rmSync(directory, { recursive: true, force: true });
});

const path = (): string => join(directory, 'keys.json');

async function opened(clock: Clock = systemClock): Promise<KeyBook> {
  const keyStore = { directory, environment: 'test', pepper: undefined, previousPepper: undefined };
  const { book, stop } = await openKeyBook({ keyStore, teams: [] }, clock, (line) => said.push(line));
  stops.push(stop);
  return book;
}

async function made(book: KeyBook): Promise<MadeKey> {
  const key = await book.create({ team: 'local', name: 'a', scopes: {}, expiresAtWallMs: null });
  if (!key.ok) throw new Error(key.failure.message);
  return key.value;
}

/** Waits until something holds: by the next look, however slow this machine is. */
async function soon(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: 20_000, interval: 20 }).toBe(true);
}

test('S1: the store and the pepper are for this user only, and the key is in neither', async () => {
  const { secret } = await made(await opened());
  for (const name of ['keys.json', 'pepper']) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  for (const name of readdirSync(directory)) expect(readFileSync(join(directory, name), 'latin1')).not.toContain(secret.slice(17, 60));
});

test('S3: what one process makes or revokes holds in another by its next look, of which there are two a second', async () => {
  const delays: number[] = [];
  const counting: Clock = {
    ...systemClock,
    after: (delayMs, run) => {
      delays.push(delayMs);
      return systemClock.after(delayMs, run);
    },
  };
  const [one, other] = [await opened(), await opened(counting)];
  const { key, secret } = await made(one);
  await soon(() => other.admit(secret).ok);
  await one.revoke(key.id);
  expect(one.admit(secret).ok).toBe(false);
  await soon(() => !other.admit(secret).ok);
  expect(Math.max(...delays)).toBe(500);
});

test('S3: a store that is damaged, unreadable or gone lets nobody in and says so, until it is restored', async () => {
  const book = await opened();
  const { secret } = await made(book);
  const whole = readFileSync(path());
  const breaks: readonly (() => void)[] = [
    () => writeFileSync(path(), whole.subarray(0, 40)),
    () => writeFileSync(path(), JSON.stringify({ format: 2, revision: 9, keys: [] })),
    () => renameSync(path(), `${path()}.away`),
  ];
  for (const damage of breaks) {
    damage();
    await soon(() => !book.admit(secret).ok);
    expect(book.admit(secret)).toMatchObject({ failure: { code: 'keys_unavailable' } });
    expect(await book.create({ team: 'local', name: '', scopes: {}, expiresAtWallMs: null })).toMatchObject({
      failure: { kind: 'store-unavailable' },
    });
    writeFileSync(path(), whole);
    await soon(() => book.admit(secret).ok);
  }
  expect(said).toHaveLength(breaks.length);
});

test('a backup that is put back holds, although what was there before it was newer', async () => {
  const book = await opened();
  const { key, secret } = await made(book);
  const backup = readFileSync(path());
  await book.revoke(key.id);
  writeFileSync(path(), backup);
  await soon(() => book.admit(secret).ok);
});

test('a folder that cannot be written refuses a change and leaves the store as it was', async () => {
  if (process.getuid?.() === 0) return;
  const book = await opened();
  const { key, secret } = await made(book);
  chmodSync(directory, 0o500);
  expect(await book.revoke(key.id)).toMatchObject({ failure: { kind: 'store-unavailable' } });
  chmodSync(directory, 0o700);
  expect(book.admit(secret).ok).toBe(true);
});

test('a pepper that was lost is said at the start, and its keys are no client’s fault', async () => {
  const { secret } = await made(await opened());
  rmSync(join(directory, 'pepper'));
  const book = await opened();
  expect(book.admit(secret)).toMatchObject({ failure: { code: 'keys_unavailable' } });
  expect(said.join()).toContain('1 key was made under another pepper');
});

test('whoever begins at the same time takes the same pepper', () => {
  const settings = { directory, environment: 'test', pepper: undefined, previousPepper: undefined };
  const ids = Array.from({ length: 20 }, () => keySecrets(settings).digests('x')[0]?.pepper);
  expect(new Set(ids).size).toBe(1);
});

test('processes that make keys at once lose none of them', async () => {
  const child = fileURLToPath(new URL('testing/make-keys.ts', import.meta.url));
  const secrets = await Promise.all(
    Array.from({ length: 3 }, () => {
      const running = fork(child, [directory, '2'], { execArgv: ['--disable-warning=ExperimentalWarning'] });
      return new Promise<readonly string[]>((resolve, reject) => {
        const told: string[] = [];
        running.on('message', (secret) => told.push(String(secret)));
        running.on('exit', (code) => (code === 0 ? resolve(told) : reject(new Error(`exit ${code}`))));
      });
    }),
  );
  const book = await opened();
  expect(secrets.flat()).toHaveLength(6);
  for (const secret of secrets.flat()) expect(book.admit(secret).ok).toBe(true);
  expect(existsSync(`${path()}.new`)).toBe(false);
});
