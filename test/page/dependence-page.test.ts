import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { chromiumPath } from '../../scripts/ensure-chromium.ts';
import { dependenceUnderLoss, dependenceWithoutTraffic, largeDependence, sampleDependence } from '../support/sample-dependence.ts';
import { readPageFiles } from '../../src/admin/page-files.ts';
import { silentGateway } from '../support/silent-gateway.ts';
import { startProduct } from '../support/start-product.ts';
import { startTestControl, type TestControl } from '../support/test-control.ts';
import type { DependenceReport } from '../../src/policy/dependence/dependence-report.ts';

/* The page as the real control listener serves it; only the report is made here, so that every state can be shown. */

const withBrowser = test.skipIf(!existsSync(chromiumPath));
const pageFiles = readPageFiles(fileURLToPath(new URL('../../web/dist', import.meta.url)));
const mostFirstLoadBytes = 170 * 1024;
let control: TestControl;
let browser: Browser | undefined;

beforeAll(async () => {
  control = await startTestControl(silentGateway(), { page: pageFiles });
  if (existsSync(chromiumPath))
    browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await control.stop();
});

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

interface Opened {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** The windows that were asked for. */
  readonly asked: readonly (string | null)[];
}

/** Opens a page whose reports `answer` gives; undefined is a gateway that is gone. */
async function open(path: string, answer: () => Answer | undefined, width = 1280): Promise<Opened> {
  if (browser === undefined) throw new Error('the browser did not start');
  const page = await browser.newPage({ viewport: { width, height: 800 } });
  onTestFinished(() => page.close());
  const complaints: string[] = [];
  const asked: (string | null)[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.route('**/control/v1/dependence?*', async (route) => {
    asked.push(new URL(route.request().url()).searchParams.get('window'));
    const given = answer();
    if (given === undefined) await route.abort();
    else await route.fulfill({ status: given.status ?? 200, json: given.body });
  });
  await page.goto(`${control.url}${path}`);
  return { page, complaints, asked };
}

function reporting(report: DependenceReport): () => Answer {
  return () => ({ body: report });
}

const refusal = (code: string, message: string): unknown => ({ error: { message, type: 'x', code } });

withBrowser('one sentence comes first, then the models without a second source, then shares, caps and N-1', async () => {
  const report = sampleDependence(Date.now());
  const { page, complaints } = await open('/#/dependence', reporting(report));
  await page.getByText(report.sentence).waitFor();
  const text = (await page.getByRole('main', { name: 'Dependence' }).innerText()).replaceAll('\u00a0', ' ');
  const places = [
    report.sentence,
    '2 models without a second source',
    'Largest vendor',
    'like 2.4 equal vendors',
    'Share over time',
    'Whose silicon made the tokens of the last 24 hours',
    'in no share: no vendor’s silicon made them',
    'Binding',
    '312 requests, 84,200 tokens; +$1.92 in money; +38 ms TTFT on average, predicted',
    'the rest would surely serve in time',
    'vllm-mi300x: parity with the lost deployment is not proven',
  ].map((words) => text.indexOf(words));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  expect(await page.getByRole('table').count()).toBe(3);
  expect(await page.getByRole('img', { name: /Shares over time: NVIDIA from .* to / }).count()).toBe(1);
  expect(complaints).toEqual([]);
});

withBrowser('a cap that yields is said loudly, with why', async () => {
  const { page } = await open('/#/dependence', reporting(dependenceUnderLoss(Date.now())));
  await page.getByText('A loss is declared. The cap on NVIDIA lets everything pass until it is over.').waitFor();
  expect(await page.getByRole('row', { name: /Yielding/ }).innerText()).toContain('a loss is declared, so everything may pass');
});

withBrowser('without traffic the page says what to do, and shows no share', async () => {
  const { page, complaints } = await open('/#/dependence', reporting(dependenceWithoutTraffic(Date.now())));
  await page.getByRole('heading', { name: 'No vendor’s tokens in this window yet' }).waitFor();
  expect(await page.getByText('Largest vendor').count()).toBe(0);
  await page.getByRole('main').getByRole('link', { name: 'chat' }).click();
  expect(await page.getByRole('textbox', { name: 'Your question' }).isVisible()).toBe(true);
  expect(complaints).toEqual([]);
});

withBrowser('by keyboard alone: to the page, to another window, into the tables and their details, and back', async () => {
  const { page, asked } = await open('/', reporting(sampleDependence(Date.now())));
  await page.getByRole('link', { name: 'Dependence' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'If one is lost (N-1)' }).waitFor();
  expect(await page.getByRole('link', { name: 'Dependence' }).getAttribute('aria-current')).toBe('page');
  expect(await page.title()).toBe('Dependence – Second Source');
  await page.keyboard.press('PageDown');
  await expect.poll(() => page.getByRole('main', { name: 'Dependence' }).evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => asked).toEqual(['24h', '7d']);
  const passed: string[] = [];
  for (let step = 0; step < 12; step++) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    passed.push((await focused.getAttribute('aria-label')) ?? (await focused.textContent()) ?? '');
    if (passed.at(-1) === '3 endpoints') break;
  }
  expect(passed).toEqual([
    'The same as a table',
    'Shares',
    'Caps',
    expect.stringContaining('anything'),
    'What would be served after a loss',
    '3 endpoints',
  ]);
  const outline = await page.locator(':focus').evaluate((element) => element.ownerDocument.defaultView.getComputedStyle(element).outlineStyle);
  expect(outline).toBe('solid');
  await page.keyboard.press('Enter');
  await page.getByText('eu-api-1, eu-api-2: its processor is not approved').waitFor();
  await page.goBack();
  await page.getByRole('textbox', { name: 'Your question' }).waitFor();
});

withBrowser('what was seen stays with its age when the gateway is gone, and goes when whoever looks is signed out', async () => {
  const report = sampleDependence(Date.now());
  let answer: Answer | undefined = { body: report };
  const { page } = await open('/#/dependence', () => answer);
  await page.getByText(report.sentence).waitFor();
  answer = undefined;
  // Coming back to a page makes it look again at once.
  const lookAgain = async (): Promise<void> => {
    await page.getByRole('link', { name: 'Chat' }).click();
    await page.getByRole('link', { name: 'Dependence' }).click();
  };
  await lookAgain();
  await page.getByText(/Nothing newer came: the gateway cannot be reached\. What you see was seen .*\./).waitFor();
  expect(await page.getByText(report.sentence).isVisible()).toBe(true);
  answer = { status: 401, body: refusal('sign_in_needed', 'Sign in.') };
  await lookAgain();
  await page.getByText('Sign in above to see how much depends on whom.').waitFor();
  expect(await page.getByText(report.sentence).count()).toBe(0);
  answer = { status: 503, body: refusal('ledger_unavailable', 'The ledger cannot be read.') };
  await lookAgain();
  await page.getByText('How much depends on whom cannot be told: The ledger cannot be read.').waitFor();
});

withBrowser('more models, vendors and losses than fit scroll by themselves, and a phone’s page never sideways', async () => {
  const { page, complaints } = await open('/#/dependence', reporting(largeDependence(Date.now())), 360);
  await page.getByText('40 models without a second source').waitFor();
  expect(await page.getByText('the worst 60 of 120 rows').isVisible()).toBe(true);
  await page.getByRole('button', { name: 'All rows' }).click();
  await page.getByText('120 rows', { exact: true }).waitFor();
  expect(await page.getByRole('main', { name: 'Dependence' }).evaluate((element) => element.scrollWidth)).toBe(360);
  const models = page.getByRole('region', { name: 'Models without a second source' });
  expect(await models.evaluate((element) => element.scrollHeight > element.clientHeight)).toBe(true);
  await models.focus();
  await page.keyboard.press('End');
  await expect.poll(() => models.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
});

withBrowser(
  'an answer goes on while the Dependence page is shown, and the draft of the next question stays',
  async () => {
    const product = await startProduct(['up', '--demo', '--port', '0']);
    onTestFinished(() => product.stop());
    if (browser === undefined) throw new Error('the browser did not start');
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(product.controlUrl);
    await page.getByLabel('Model').locator('option', { hasText: 'second-source-demo' }).waitFor({ state: 'attached' });
    await page.getByLabel('Your question').fill('Tell me a long story about chips.');
    await page.keyboard.press('Enter');
    await page.getByLabel('Your question').fill('And then?');
    await page.getByRole('link', { name: 'Dependence' }).click();
    await page.getByRole('heading', { name: 'Dependence' }).waitFor();
    // What another page must not do to an answer that it does not show.
    await page.keyboard.press('Escape');
    await page.goBack();
    await page
      .getByText(/attempt|gateway \d/)
      .first()
      .waitFor();
    expect(await page.getByText('You stopped it.').count()).toBe(0);
    expect(await page.getByLabel('Your question').inputValue()).toBe('And then?');
  },
  120_000,
);

test('the whole page loads within 170 KiB', () => {
  const sizes = [...pageFiles].filter(([path]) => path !== '/').map(([, { bytes }]) => gzipSync(bytes).length);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  expect(all).toBeGreaterThan(0);
  expect(all).toBeLessThanOrEqual(mostFirstLoadBytes);
});
