import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { chromiumPath } from '../../scripts/ensure-chromium.ts';
import { chunk, event, jsonResponse, lastChunk, startScriptedUpstream, streamHead } from '../support/scripted-upstream.ts';
import { startProduct } from '../support/start-product.ts';
import { writeConfig } from '../support/write-config.ts';

const withBrowser = test.skipIf(!existsSync(chromiumPath));

/** Texts that become markup, script or another page wherever somebody forgets that they are text. */
const naughty = [
  '<img src=x onerror="window.pwned=1">',
  '<script>window.pwned=1</script>',
  '"><svg onload=window.pwned=1>',
  '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
  '[a](javascript:window.pwned=1)',
  '<a href="javascript:window.pwned=1">a</a>',
  '{{constructor.constructor("window.pwned=1")()}}',
  '<style>*{display:none}</style>',
  '\u202Etxt.exe\u202C',
  '</textarea><script>window.pwned=1</script>',
  "javascript:/*--></title></style></textarea></script><svg/onload='window.pwned=1'>",
];
const model = '<img src=x onerror="window.pwned=1"> model';

withBrowser(
  'S30: what a model says and what an endpoint calls its models is shown as text, whatever it says',
  async () => {
    const upstream = await startScriptedUpstream(({ path }) => {
      if (path.endsWith('/models'))
        return { pieces: [jsonResponse(200, JSON.stringify({ object: 'list', data: [{ id: model, object: 'model' }] }))], end: 'keep' };
      const piece = (content: string, finish: string | null): string =>
        event(
          JSON.stringify({
            id: 'c',
            object: 'chat.completion.chunk',
            created: 7,
            model,
            choices: [{ index: 0, delta: { content }, finish_reason: finish }],
          }),
        );
      return {
        pieces: [
          streamHead,
          chunk(naughty.map((text) => piece(`${text}\n`, null)).join('') + piece('that is all of it', 'stop') + event('[DONE]')),
          lastChunk,
        ],
        end: 'keep',
      };
    });
    onTestFinished(upstream.stop);
    const config = writeConfig(
      upstream.origin,
      {},
      {
        listen: { port: 0 },
        control: { port: 0 },
        endpoints: [{ id: 'one', url: `${upstream.origin}/v1`, silicon: { vendor: 'amd', chip: '<b onmouseover=window.pwned=1>chip</b>' } }],
      },
    );
    onTestFinished(config.remove);
    const product = await startProduct(['up', '--config', config.path]);
    onTestFinished(product.stop);
    const browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    page.setDefaultTimeout(30_000);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    page.on('dialog', (dialog) => {
      asked.push('a dialog');
      void dialog.dismiss();
    });
    await page.goto(product.controlUrl);
    await page.getByLabel('Model').locator('option', { hasText: 'model' }).waitFor({ state: 'attached' });
    await page.getByLabel('Your question').fill('say it');
    await page.keyboard.press('Enter');
    await page.getByText('that is all of it').waitFor();
    const shown = await page.locator('body').innerText();
    for (const text of naughty.slice(0, 8)) expect(shown).toContain(text);
    expect(await page.evaluate(() => Reflect.get(globalThis, 'pwned'))).toBeUndefined();
    expect(await page.locator('main img, main iframe, main script, main svg[onload], a[href^="javascript"]').count()).toBe(0);
    expect(new Set(asked)).toEqual(new Set([new URL(product.controlUrl).origin]));
  },
  120_000,
);
