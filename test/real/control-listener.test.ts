import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeAuthority } from '../support/certificates.ts';
import { startCountingUpstream } from '../support/counting-upstream.ts';
import { startProduct, type Product } from '../support/start-product.ts';
import { writeConfig } from '../support/write-config.ts';
import type { ConfigInput } from '../../src/config/config-schema.ts';

/* Security requirements S20, S27, S29 and S30, on the product as it is started. */

const password = 'correct horse battery';
const authority = makeAuthority('Test authority');

async function configured(more: ConfigInput): Promise<{ readonly path: string; readonly folder: string }> {
  const upstream = await startCountingUpstream(() => 1);
  onTestFinished(() => upstream.stop());
  const config = writeConfig(upstream.origin, {}, more);
  onTestFinished(() => config.remove());
  return { path: config.path, folder: config.ledgerDirectory };
}

async function up(path: string, ...more: readonly string[]): Promise<Product> {
  const product = await startProduct(['up', '--config', path, '--port', '0', ...more]);
  onTestFinished(() => product.stop());
  return product;
}

function certificateFiles(): { readonly cert: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-control-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const issued = authority.issue(['127.0.0.1']);
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.cert, issued.certificate);
  writeFileSync(files.key, issued.key);
  return files;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

function askSecurely(url: string, method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method, ca: authority.certificate, headers: { 'x-second-source-control': '1', ...headers } };
    const asked = request(`${url}${path}`, options, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

test('S20, S27, S28: beyond loopback it does not start without an admin, and with one everybody signs in, over TLS, by a __Host- cookie', async () => {
  const tls = certificateFiles();
  const ledger = mkdtempSync(join(tmpdir(), 'second-source-ledger-'));
  onTestFinished(() => rmSync(ledger, { recursive: true, force: true }));
  const open = await configured({ ledger: { directory: ledger } });
  const closed = await configured({ ledger: { directory: ledger }, control: { host: '0.0.0.0', publicAccess: true, tls } });
  await expect(startProduct(['up', '--config', closed.path, '--port', '0'])).rejects.toThrow(
    /nobody could sign in.*second-source users add NAME --role admin/,
  );
  const first = await startProduct(['up', '--config', open.path, '--port', '0']);
  const added = await fetch(`${first.controlUrl}/control/v1/users`, {
    method: 'POST',
    headers: { 'x-second-source-control': '1' },
    body: JSON.stringify({ name: 'root', role: 'admin', password }),
  });
  expect(added.status).toBe(200);
  await first.stop();
  const users = join(ledger, 'control/users.json');
  expect(statSync(users).mode & 0o077).toBe(0);
  expect(readFileSync(users, 'utf8')).not.toContain(password);

  const product = await up(closed.path);
  const url = product.controlUrl.replace('0.0.0.0', '127.0.0.1');
  expect((await askSecurely(url, 'GET', '/control/v1/status')).status).toBe(401);
  const signedIn = await askSecurely(url, 'POST', '/control/v1/session', { name: 'root', password });
  expect(signedIn.headers['set-cookie']).toEqual([
    expect.stringMatching(/^__Host-second-source=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/),
  ]);
  expect(JSON.parse(signedIn.body)).toMatchObject({ role: 'viewer', owesTotp: true });
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
  expect((await askSecurely(url, 'GET', '/control/v1/status', undefined, { cookie })).status).toBe(200);
  const page = await askSecurely(url, 'GET', '/');
  expect(page.headers).toMatchObject({ 'strict-transport-security': 'max-age=31536000', 'x-content-type-options': 'nosniff' });
}, 60_000);

test('S30: the API’s listener has no control API and sends browsers to the page, whose policy lets nothing else in', async () => {
  const { path } = await configured({});
  const product = await up(path);
  const sent = await fetch(`${product.url}/`, { redirect: 'manual' });
  expect([sent.status, sent.headers.get('location')]).toEqual([307, `${product.controlUrl}/`]);
  const headers = { 'x-second-source-control': '1' };
  for (const route of ['/control/v1/status', '/internal/status', '/index.html'])
    expect((await fetch(`${product.url}${route}`, { headers })).status).toBe(404);
  expect((await fetch(`${product.controlUrl}/v1/models`, { headers })).status).toBe(404);
  const page = await fetch(`${product.controlUrl}/`);
  expect(page.headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  );
  expect([page.headers.get('x-content-type-options'), page.headers.get('referrer-policy')]).toEqual(['nosniff', 'no-referrer']);
}, 60_000);

test('S29: an API key opens nothing on the control listener; cookies and control tokens open nothing on /v1', async () => {
  const { path } = await configured({ teams: [{ id: 'red' }] });
  const product = await up(path);
  const control = async (
    method: string,
    route: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; body: Record<string, unknown>; cookie: string }> => {
    const response = await fetch(`${product.controlUrl}/control/v1/${route}`, {
      method,
      headers: { 'x-second-source-control': '1', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: JSON.parse(await response.text()), cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
  };
  const key = String((await control('POST', 'keys', { team: 'red' })).body['secret']);
  const token = String((await control('POST', 'tokens', { name: 'ci', role: 'admin' })).body['token']);
  expect((await control('POST', 'users', { name: 'root', role: 'admin', password })).status).toBe(200);
  const { cookie } = await control('POST', 'session', { name: 'root', password });
  const models = async (headers: Readonly<Record<string, string>>): Promise<number> => (await fetch(`${product.url}/v1/models`, { headers })).status;
  expect(await models({ authorization: `Bearer ${key}` })).toBe(200);
  expect(await models({ authorization: `Bearer ${token}` })).toBe(401);
  expect(await models({ cookie })).toBe(401);
  expect((await control('GET', 'status', undefined, { authorization: `Bearer ${key}` })).status).toBe(401);
  expect((await control('GET', 'status', undefined, { 'x-api-key': key })).status).toBe(401);
  expect((await control('GET', 'status', undefined, { authorization: `Bearer ${token}` })).status).toBe(200);
  expect((await control('GET', 'status', undefined, { cookie })).status).toBe(200);
}, 60_000);

test('two gateways do not share one control state: the second does not start, and says what to do', async () => {
  const { path } = await configured({});
  await up(path);
  await expect(startProduct(['up', '--config', path, '--port', '0'])).rejects.toThrow(
    /Another gateway that runs uses the control state.*control\.directory/,
  );
}, 60_000);
