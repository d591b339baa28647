import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { chromiumPath } from '../../scripts/ensure-chromium.ts';
import { startProduct } from '../support/start-product.ts';

const withBrowser = test.skipIf(!existsSync(chromiumPath));
const password = 'correct horse battery';

withBrowser(
  'with users, the page asks who it is, works after that, and not any more after signing out',
  async () => {
    const product = await startProduct(['up', '--demo', '--port', '0']);
    onTestFinished(() => product.stop());
    const added = await fetch(`${product.controlUrl}/control/v1/users`, {
      method: 'POST',
      headers: { 'x-second-source-control': '1' },
      body: JSON.stringify({ name: 'ann', role: 'operator', password }),
    });
    expect(added.status).toBe(400);
    for (const [name, role] of [
      ['root', 'admin'],
      ['ann', 'operator'],
    ]) {
      const headers = { 'x-second-source-control': '1', ...(name === 'root' ? {} : { authorization: `Bearer ${await tokenOf()}` }) };
      await fetch(`${product.controlUrl}/control/v1/users`, { method: 'POST', headers, body: JSON.stringify({ name, role, password }) });
    }
    const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(product.url);
    const signIn = async (given: string): Promise<void> => {
      await page.getByLabel('Name').fill('ann');
      await page.getByLabel('Password').fill(given);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    await signIn('wrong password');
    await page.getByText('do not belong together').waitFor();
    await signIn(password);
    await page.getByLabel('Model').locator('option', { hasText: 'second-source-demo' }).waitFor({ state: 'attached' });
    await page.getByLabel('Your question').fill('What is Second Source?');
    await page.keyboard.press('Enter');
    await page.getByLabel('Made by').waitFor();
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: 'second-source', httpOnly: true, sameSite: 'Strict' });
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByRole('button', { name: 'Sign out ann' }).click();
    await page.getByLabel('Password').waitFor();

    async function tokenOf(): Promise<string> {
      const session = await fetch(`${product.controlUrl}/control/v1/session`, {
        method: 'POST',
        headers: { 'x-second-source-control': '1' },
        body: JSON.stringify({ name: 'root', password }),
      });
      const { controlToken }: { controlToken: string } = JSON.parse(await session.text());
      const made = await fetch(`${product.controlUrl}/control/v1/tokens`, {
        method: 'POST',
        headers: { 'x-second-source-control': controlToken, cookie: session.headers.getSetCookie()[0]?.split(';')[0] ?? '' },
        body: JSON.stringify({ name: 'test', role: 'admin' }),
      });
      const { token }: { token: string } = JSON.parse(await made.text());
      return token;
    }
  },
  120_000,
);
