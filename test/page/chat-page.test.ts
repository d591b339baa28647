import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath } from '../../scripts/ensure-chromium.ts';
import { startProduct, type Product } from '../support/start-product.ts';

/** Without a browser these tests say so by being skipped; `npm test` installs one where it may. */
const withBrowser = test.skipIf(!existsSync(chromiumPath));
let product: Product;
let browser: Browser | undefined;

beforeAll(async () => {
  product = await startProduct(['up', '--demo', '--port', '0']);
  if (!existsSync(chromiumPath)) return;
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  browser = await chromium.launch({ executablePath: chromiumPath, args });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await product.stop();
});

async function openPage(): Promise<{ page: Page; complaints: string[] }> {
  if (browser === undefined) throw new Error('the browser did not start');
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(product.url);
  // The page offers a model once it has heard of one; a question sent before that stays in the field.
  await page.getByLabel('Model').locator('option', { hasText: 'second-source-demo' }).waitFor({ state: 'attached' });
  return { page, complaints };
}

withBrowser('a question typed and sent by keyboard is answered, with the silicon that answered under it', async () => {
  const { page, complaints } = await openPage();
  await page.getByLabel('Your question').fill('What is Second Source?');
  await page.keyboard.press('Enter');
  await page.getByLabel('Made by').waitFor();
  await page
    .getByText(/attempt|gateway \d/)
    .first()
    .waitFor();
  expect(await page.getByLabel('Made by').innerText()).toMatch(/measured · engine-[ab] · \d+ tokens/);
  expect(complaints).toEqual([]);
  await page.close();
});

withBrowser('Unplug in the middle of an answer: it goes on elsewhere, and the page shows both parts and the gap', async () => {
  const { page, complaints } = await openPage();
  await page.getByLabel('Where').selectOption('emulated-nvidia');
  // The page presses its own button after a few pieces: a hand on a busy machine may come after a short answer's end.
  await page.getByLabel('Unplug by itself in mid-answer').check();
  await page.getByLabel('Your question').fill('Tell me a long story about chips.');
  await page.keyboard.press('Enter');
  await page.getByText(/continued exactly after/).waitFor({ timeout: 20_000 });
  const madeBy = await page.getByLabel('Made by').innerText();
  expect(madeBy).toMatch(/emulated · emulated-nvidia/);
  expect(madeBy).toMatch(/measured · engine-[ab] · \d+ tokens/);
  await page
    .getByRole('button', { name: /Plug in/ })
    .first()
    .click();
  await expect.poll(async () => (await product.endpoints()).find(({ id }) => id === 'emulated-nvidia')?.state).toBe('ready');
  expect(complaints).toEqual([]);
  await page.close();
});
