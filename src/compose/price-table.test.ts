import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { watchPrices } from './price-table.ts';

const table = (usd: number | string): string => `models:\n  - {model: up, inputUsdPerMtok: ${usd}, outputUsdPerMtok: 1}\n`;
const priced = { endpoint: sampleEndpoint({ id: 'a' }), deployment: sampleDeployment('a', { upstreamModel: 'up', price: undefined }) };

test('a table that changes is read again by itself; a corrupt, empty or missing one changes nothing, and is told of loudly', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-prices-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'prices.yaml');
  const said: string[] = [];
  writeFileSync(path, table(1));
  const prices = watchPrices({ own: [], table: { path, entries: [] }, cap: undefined }, (line) => said.push(line), 5);
  onTestFinished(() => prices.stop());
  const usd = (): number | undefined => prices.book.of(priced)?.inputUsdPerMtok;
  prices.reload();
  expect(usd()).toBe(1);
  writeFileSync(path, table(25));
  await expect.poll(usd).toBe(25);
  for (const bad of [table(-1), table('.nan'), `${table(3)}${table(4).replace('models:\n', '')}`, '', 'models: [']) {
    const before = said.length;
    writeFileSync(path, bad);
    prices.reload();
    expect([usd(), said.slice(before).every((line) => line.startsWith('PRICES NOT RENEWED')), said.length > before]).toEqual([25, true, true]);
  }
  rmSync(path);
  prices.reload();
  expect([usd(), said.at(-1)]).toEqual([25, expect.stringContaining('cannot be read')]);
});
