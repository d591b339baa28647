import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { chromiumPath } from '../../scripts/ensure-chromium.ts';
import { fromBase32 } from '../support/from-base32.ts';
import { makeAuthority } from '../support/certificates.ts';
import { totpCode } from '../../src/admin/sign-in/totp.ts';
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

withBrowser(
  'beyond loopback, an admin sets up a second factor on the page, and signs in with a code of it',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'second-source-page-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const issued = makeAuthority('Test authority').issue(['127.0.0.1']);
    const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    writeFileSync(tls.cert, issued.certificate);
    writeFileSync(tls.key, issued.key);
    const ledger = { directory: join(folder, 'ledger') };
    const files = [{}, { host: '0.0.0.0', publicAccess: true, tls }].map((control, index) => {
      const path = join(folder, `${index}.yaml`);
      writeFileSync(path, JSON.stringify({ control, ledger }));
      return path;
    });
    const first = await startProduct(['up', '--config', files[0] ?? '', '--port', '0']);
    await fetch(`${first.controlUrl}/control/v1/users`, {
      method: 'POST',
      headers: { 'x-second-source-control': '1' },
      body: JSON.stringify({ name: 'root', role: 'admin', password }),
    });
    await first.stop();
    const product = await startProduct(['up', '--config', files[1] ?? '', '--port', '0']);
    onTestFinished(() => product.stop());
    const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    await page.goto(product.controlUrl.replace('0.0.0.0', '127.0.0.1'));
    const signIn = async (code: string): Promise<void> => {
      await page.getByLabel('Name').fill('root');
      await page.getByLabel('Password').fill(password);
      await page.getByLabel('Code').fill(code);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    await signIn('');
    await page.getByRole('button', { name: 'Set it up' }).click();
    const secret = fromBase32(await page.locator('code').first().innerText());
    const codeNow = (): string => totpCode(secret, Math.floor(Date.now() / 30_000));
    await page.getByLabel('Password').fill(password);
    await page.getByLabel('Code').fill(codeNow());
    await page.getByRole('button', { name: 'Set it', exact: true }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await signIn(codeNow());
    await page.getByRole('button', { name: 'Sign out root' }).waitFor();
    expect(await page.getByText('needs a second factor').count()).toBe(0);
    expect(await page.context().cookies()).toMatchObject([{ name: '__Host-second-source', httpOnly: true, secure: true, sameSite: 'Strict' }]);
  },
  120_000,
);
