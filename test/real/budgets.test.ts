import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { burstAgent, send, type BurstAnswer } from '../support/burst.ts';
import { readSpentByKey } from '../../src/ledger/read-spent.ts';
import { seededRandom } from '../../src/std/random.ts';
import { startMeteredUpstream } from '../support/metered-upstream.ts';
import { startProduct, type Product } from '../support/start-product.ts';
import { writeConfig, type WrittenConfig } from '../support/write-config.ts';
import type { ConfigInput } from '../../src/config/config-schema.ts';

const price = { inputUsdPerMtok: 3, outputUsdPerMtok: 15 };
const maxTokens = 20;

interface World {
  readonly config: WrittenConfig;
  readonly start: () => Promise<Product>;
}

async function worldOf(budgets: ConfigInput['budgets'], more: ConfigInput = {}): Promise<World> {
  const upstream = await startMeteredUpstream();
  const endpoints = [{ id: 'e', url: `${upstream.origin}/v1`, price, models: [{ name: 'm' }] }];
  const config = writeConfig(upstream.origin, { eventLoopLagMs: 60_000, concurrentRequests: 2000 }, { endpoints, budgets, ...more });
  onTestFinished(async () => {
    await upstream.stop();
    config.remove();
  });
  const start = async (): Promise<Product> => {
    const product = await startProduct(['up', '--config', config.path, '--port', '0']);
    onTestFinished(() => product.stop());
    return product;
  };
  return { config, start };
}

/** A body whose prompt bills as many tokens as it has bytes, so that it costs what it reserves. */
function fullBody(delayMs: number): string {
  const body = (inputTokens: number): string =>
    JSON.stringify({
      model: 'm',
      max_tokens: maxTokens,
      messages: [{ role: 'user', content: JSON.stringify({ inputTokens, outputTokens: maxTokens, delayMs, end: 'whole' }) }],
    });
  return body(body(100).length);
}

function costOf(body: string): number {
  return (body.length * price.inputUsdPerMtok + maxTokens * price.outputUsdPerMtok) * 1000;
}

function spentIn(config: WrittenConfig): { readonly nanoUsd: number; readonly tokens: number } {
  const rows = readSpentByKey(config.ledgerDirectory, 0, Number.MAX_SAFE_INTEGER);
  return { nanoUsd: rows.reduce((sum, row) => sum + row.nanoUsd, 0), tokens: rows.reduce((sum, row) => sum + row.tokens, 0) };
}

const statusesOf = (answers: readonly (BurstAnswer | undefined)[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer?.status ?? 'cut'] = (counts[answer?.status ?? 'cut'] ?? 0) + 1;
  return counts;
};

test('S26: three processes share one budget: of 300 requests at once it serves what it is for, none more and none less, in every seed', async () => {
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed);
    const fits = 50 + Math.floor(random() * 150);
    const body = fullBody(5);
    const { config, start } = await worldOf({ whole: { usdPerMonth: (fits * costOf(body)) / 1e9 } }, { processes: 3 });
    const product = await start();
    const agents = Array.from({ length: 60 }, () => burstAgent(1));
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => send(`${product.url}/v1/chat/completions`, body, agents[index % 60] ?? burstAgent(1))),
    );
    for (const agent of agents) agent.destroy();
    expect(statusesOf(answers), `seed ${seed}`).toEqual({ 200: fits, 429: 300 - fits });
    await product.stop();
    expect(spentIn(config).nanoUsd, `seed ${seed}`).toBe(fits * costOf(body));
  }
}, 400_000);

test('a restart, and one after kill -9, keep what was spent to the last billionth: what is left is served, and nothing beyond', async () => {
  const body = fullBody(0);
  const { config, start } = await worldOf({ whole: { usdPerMonth: (10 * costOf(body)) / 1e9 } });
  const agent = burstAgent(1);
  const ask = async (product: Product, times: number): Promise<Record<string, number>> => {
    const answers: (BurstAnswer | undefined)[] = [];
    for (let sent = 0; sent < times; sent += 1) answers.push(await send(`${product.url}/v1/chat/completions`, body, agent));
    return statusesOf(answers);
  };
  const first = await start();
  expect(await ask(first, 3)).toEqual({ 200: 3 });
  first.signal('SIGTERM');
  await first.ended;
  const second = await start();
  expect(await ask(second, 4)).toEqual({ 200: 4 });
  second.signal('SIGKILL');
  await second.ended;
  const third = await start();
  const left = 10 - Math.round(spentIn(config).nanoUsd / costOf(body));
  // A record that a kill finds in memory still is lost to the ledger and to the budget alike; all others count.
  expect(left).toBeGreaterThanOrEqual(3);
  expect(left).toBeLessThanOrEqual(4);
  expect(await ask(third, 6)).toEqual({ 200: left, 429: 6 - left });
  await third.stop();
  expect(spentIn(config).nanoUsd).toBe(10 * costOf(body));
}, 400_000);

test('S26: one of three processes is killed in the middle of it: what it held is settled by the ledger, and the budget is never over', async () => {
  const body = fullBody(150);
  const fits = 60;
  const { config, start } = await worldOf({ whole: { usdPerMonth: (fits * costOf(body)) / 1e9 } }, { processes: 3 });
  const product = await start();
  const burst = async (count: number): Promise<Record<string, number>> => {
    const answers = Promise.all(Array.from({ length: count }, () => send(`${product.url}/v1/chat/completions`, body, burstAgent(1))));
    return statusesOf(await answers);
  };
  const { processes } = z.object({ processes: z.array(z.object({ pid: z.number() })) }).parse(await product.get('/control/v1/status'));
  setTimeout(() => process.kill(processes[0]?.pid ?? 0, 'SIGKILL'), 100);
  const during = await burst(45);
  // What a dead process was lent is in doubt for a while: who meets that is asked to come again (`budget_reserved`).
  expect((during[200] ?? 0) + (during['cut'] ?? 0) + (during[429] ?? 0)).toBe(45);
  // Longer than the first process doubts what a dead one left.
  await new Promise((resolve) => setTimeout(resolve, 8000));
  const after = await burst(fits);
  await product.stop();
  // An answer that was cut is not charged, so that all of the budget is there for those that were whole.
  expect([spentIn(config).nanoUsd, (during[200] ?? 0) + (after[200] ?? 0)]).toEqual([fits * costOf(body), fits]);
}, 400_000);

test('while the first of several processes does not answer, whoever has no slice of a limit left is refused, and others are served', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const keys = ['scarce', 'plenty', 'unlimited'].map((name) => {
    const path = join(folder, name);
    writeFileSync(path, `sk-${name}`);
    return path;
  });
  // Of a few requests nothing is kept in stock.
  const budgets = {
    keys: [
      { key: 'scarce', tokensPerDay: 2000 },
      { key: 'plenty', tokensPerDay: 1_000_000 },
    ],
  };
  const { start } = await worldOf(budgets, { processes: 2, listen: { keys: keys.map((path) => `file:${path}`) } });
  const product = await start();
  const ask = async (name: string): Promise<unknown> => {
    const answer = await send(`${product.url}/v1/chat/completions`, fullBody(0), burstAgent(1), undefined, { authorization: `Bearer sk-${name}` });
    return answer?.status === 200 ? 200 : [answer?.status, JSON.parse(answer?.body ?? '{}').error?.code, answer?.headers['x-should-retry']];
  };
  // Both processes have a stock where there may be one.
  for (let sent = 0; sent < 20; sent += 1) expect(await ask('plenty')).toBe(200);
  expect([await ask('scarce'), await ask('unlimited')]).toEqual([200, 200]);
  product.signal('SIGSTOP');
  onTestFinished(() => product.signal('SIGCONT'));
  const refused = [503, 'limits_unavailable', 'true'];
  expect(await Promise.all([ask('scarce'), ask('plenty'), ask('unlimited')])).toEqual([refused, 200, 200]);
  product.signal('SIGCONT');
  expect(await ask('scarce')).toBe(200);
}, 60_000);
