import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { burstAgent, send, type BurstAnswer } from '../support/burst.ts';
import { dependenceAnswer, type DependenceAnswer } from '../../src/cli/dependence-answer.ts';
import { seededRandom } from '../../src/std/random.ts';
import { startMeteredUpstream } from '../support/metered-upstream.ts';
import { startProduct, type Product } from '../support/start-product.ts';
import { writeConfig } from '../support/write-config.ts';
import type { ConfigInput } from '../../src/config/config-schema.ts';

const cap = 0.3;
const headers = { 'x-second-source-control': '1', 'content-type': 'application/json' };

/** Two vendors of one model, of which NVIDIA is the cheaper, so that everything would rather be there. */
async function startWorld(more: ConfigInput = {}): Promise<Product> {
  const [green, red] = await Promise.all([startMeteredUpstream(), startMeteredUpstream()]);
  const entry = (id: string, origin: string, vendor: string, usdPerMtok: number): NonNullable<ConfigInput['endpoints']>[number] => ({
    id,
    url: `${origin}/v1`,
    silicon: { vendor, chip: vendor === 'nvidia' ? 'H100 SXM' : 'MI300X' },
    price: { inputUsdPerMtok: usdPerMtok, outputUsdPerMtok: usdPerMtok },
    models: [{ name: 'm' }],
  });
  const endpoints = [entry('green', green.origin, 'nvidia', 1), entry('red', red.origin, 'amd', 5)];
  const routing = { objective: 'cheapest' as const };
  const config = writeConfig('', { eventLoopLagMs: 60_000 }, { endpoints, routing, dependence: { lossAfterMs: 1500 }, ...more });
  const product = await startProduct(['up', '--config', config.path, '--port', '0', '--control-port', '0']);
  onTestFinished(async () => {
    await product.stop();
    await Promise.all([green.stop(), red.stop()]);
    config.remove();
  });
  return product;
}

const random = seededRandom(2);

/** So many requests, eight at a time, of which no two bill alike. */
async function ask(product: Product, count: number): Promise<readonly (BurstAnswer | undefined)[]> {
  const agent = burstAgent(8);
  const body = (): string => {
    const plan = { inputTokens: 20, outputTokens: 1 + Math.floor(60 * random()), delayMs: Math.floor(4 * random()), end: 'whole' };
    return JSON.stringify({ model: 'm', max_tokens: 64, stream: random() < 0.5, messages: [{ role: 'user', content: JSON.stringify(plan) }] });
  };
  const answers = await Promise.all(Array.from({ length: count }, () => send(`${product.url}/v1/chat/completions`, body(), agent)));
  agent.destroy();
  return answers;
}

async function report(product: Product): Promise<DependenceAnswer> {
  return dependenceAnswer.parse(await product.get('/control/v1/dependence?window=1h'));
}

const usage = z.object({ rows: z.array(z.object({ key: z.string(), inputTokens: z.number(), outputTokens: z.number() })) });

/** By the ledger's own sums, of what was settled since. */
async function nvidiaTokens(product: Product, sinceWallMs: number): Promise<{ readonly nvidia: number; readonly whole: number }> {
  const { rows } = usage.parse(await product.get(`/control/v1/usage?groupBy=vendor&sinceWallMs=${sinceWallMs}`));
  const tokens = (only: string | undefined): number =>
    rows.filter(({ key }) => only === undefined || key === only).reduce((sum, row) => sum + row.inputTokens + row.outputTokens, 0);
  return { nvidia: tokens('nvidia'), whole: tokens(undefined) };
}

async function untilYielding(product: Product, yields: boolean): Promise<void> {
  for (;;) {
    const [standing] = (await report(product)).caps;
    if ((standing?.state === 'yielding') === yields) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a hard cap that is set while it runs holds by the ledger’s own sums, yields loudly to a loss, and holds again', async () => {
  const product = await startWorld();
  expect((await ask(product, 40)).every((answer) => answer?.status === 200)).toBe(true);
  const before = await nvidiaTokens(product, 0);
  expect(before.nvidia).toBe(before.whole);

  const value = { vendor: 'nvidia', mostPercent: cap * 100, minimumVolume: 2000, windowMs: 86_400_000 };
  const body = JSON.stringify({ changes: [{ name: 'caps/nvidia', value }] });
  const changed = await fetch(`${product.controlUrl}/control/v1/config/changes`, { method: 'POST', headers, body });
  expect([changed.status, await changed.json()]).toMatchObject([200, { needsRestart: [] }]);
  const setWallMs = Date.now();
  expect((await ask(product, 500)).every((answer) => answer?.status === 200)).toBe(true);
  const held = await nvidiaTokens(product, setWallMs);
  expect(held.whole).toBeGreaterThan(2000);
  expect(held.nvidia / held.whole).toBeLessThanOrEqual(cap);
  // It is a cap, not a ban: most of what it leaves is used.
  expect(held.nvidia / held.whole).toBeGreaterThan(cap / 2);
  const [standing] = (await report(product)).caps;
  expect(standing).toMatchObject({ group: { by: 'vendor', name: 'nvidia' }, kind: 'hard' });
  expect(standing?.displaced.requests).toBeGreaterThan(0);
  expect(standing?.displaced.extraUsd).toBeGreaterThan(0);

  await product.control('/control/v1/endpoints/red/unplug');
  await untilYielding(product, true);
  expect((await ask(product, 50)).every((answer) => answer?.status === 200)).toBe(true);
  expect(product.output()).toContain('amd is lost (m): caps on other vendors yield');

  await product.control('/control/v1/endpoints/red/plug');
  await untilYielding(product, false);
  expect(product.output()).toContain('amd is back: all caps hold again');
  const backWallMs = Date.now();
  expect((await ask(product, 200)).every((answer) => answer?.status === 200)).toBe(true);
  const after = await nvidiaTokens(product, backWallMs);
  expect((held.nvidia + after.nvidia) / (held.whole + after.whole)).toBeLessThanOrEqual(cap);
}, 120_000);

test('a hard cap that leaves nobody refuses with an error of its own, until the loss is sure', async () => {
  const caps = [{ id: 'none', vendor: 'nvidia', mostPercent: 0 }];
  const product = await startWorld({ caps, dependence: { lossAfterMs: 3_600_000 } });
  await product.control('/control/v1/endpoints/red/unplug');
  const [refused] = await ask(product, 1);
  expect([refused?.status, JSON.parse(refused?.body ?? '{}').error.code, Number(refused?.headers['retry-after']) > 0]).toEqual([
    503,
    'share_cap_reached',
    true,
  ]);
}, 60_000);

test('with several processes, each keeps the cap, and the report joins what they counted', async () => {
  const caps = [{ id: 'green', vendor: 'nvidia', mostPercent: 30, minimumVolume: 0, windowMs: 86_400_000 }];
  const product = await startWorld({ caps, processes: 2 });
  expect((await ask(product, 200)).every((answer) => answer?.status === 200)).toBe(true);
  const { nvidia, whole } = await nvidiaTokens(product, 0);
  expect(whole).toBeGreaterThan(0);
  expect(nvidia / whole).toBeLessThanOrEqual(cap);
  const answer = await report(product);
  expect(answer.caps[0]?.share).toBeCloseTo(nvidia / whole, 6);
  expect(answer.shares.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(whole);
}, 120_000);
