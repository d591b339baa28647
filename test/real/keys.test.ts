import { expect, onTestFinished, test } from 'vitest';
import { join } from 'node:path';
import { openKeyBook } from '../../src/compose/access/open-key-book.ts';
import { postRaw } from '../support/read-answer.ts';
import { startCountingEngine } from '../support/counting-engine.ts';
import { startProcesses } from '../support/start-processes.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { KeyBook } from '../../src/access/key-book.ts';

const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });
const clients = 6;
/** So many refusals in a row, each on a connection of its own, mean that both processes were met (all in one: once in 2²⁰). */
const inARow = 20;
const mostRevocationMs = 2000;

async function twoProcesses(): Promise<{ readonly book: KeyBook; readonly ask: (secret: string) => Promise<number> }> {
  const engine = await startCountingEngine();
  onTestFinished(engine.stop);
  const { product, config } = await startProcesses(engine.origin, { teams: [{ id: 'red' }] });
  // A third process on the same store, as the control API is one.
  const keyStore = { directory: join(config.ledgerDirectory, 'keys'), environment: 'test', pepper: undefined, previousPepper: undefined };
  const { book, stop } = await openKeyBook({ keyStore, teams: [{ id: 'red', name: '', approvals: {}, scopes: {} }] }, systemClock, () => {});
  onTestFinished(stop);
  const ask = async (secret: string): Promise<number> =>
    (await postRaw(`${product.url}/v1/chat/completions`, body, { authorization: `Bearer ${secret}` })).status;
  return { book, ask };
}

test('S3, S6: a key is rotated under load with no failed request, and revoked in every process within two seconds', async () => {
  const { book, ask } = await twoProcesses();
  const made = await book.create({ team: 'red', name: 'load', scopes: {}, expiresAtWallMs: null });
  if (!made.ok) throw new Error(made.failure.message);
  let secret = made.value.secret;
  let isOver = false;
  const statuses: number[] = [];
  const load = Array.from({ length: clients }, async () => {
    // A client takes the new key when it comes round to it.
    while (!isOver) statuses.push(await ask(secret));
  });
  for (let rotation = 0; rotation < 2; rotation += 1) {
    const before = secret;
    const rotated = await book.rotate(made.value.key.id, { overlapMs: 2000 });
    if (!rotated.ok) throw new Error(rotated.failure.message);
    ({ secret } = rotated.value);
    await expect.poll(() => ask(before), { timeout: 20_000 }).toBe(401);
  }
  isOver = true;
  await Promise.all(load);
  expect(statuses.length).toBeGreaterThan(20);
  expect(new Set(statuses)).toEqual(new Set([200]));

  expect((await book.revoke(made.value.key.id)).ok).toBe(true);
  const revokedAtMs = performance.now();
  let lastAcceptedMs = 0;
  for (let refused = 0; refused < inARow;) {
    const askedMs = performance.now() - revokedAtMs;
    if ((await ask(secret)) === 200) {
      lastAcceptedMs = askedMs;
      refused = 0;
    } else refused += 1;
  }
  process.stdout.write(
    `${statuses.length} requests through two rotations, none failed; the last one that was let in came ${lastAcceptedMs.toFixed(0)} ms after the revocation\n`,
  );
  expect(lastAcceptedMs).toBeLessThan(mostRevocationMs);
}, 120_000);
