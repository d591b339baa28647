import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { canaries, filesHolding, textsIn } from './canaries.ts';
import { controlRoutes } from '../../src/admin/routes/control-routes.ts';
import { startProduct } from '../support/start-product.ts';
import { writeConfig } from '../support/write-config.ts';

const raw = canaries.upstreamKey;
const password = `${canaries.clientKey} as a password`;

/** A secret itself where a reference to one belongs, in every place that has one. */
const misplaced: readonly (readonly [string, string, unknown])[] = [
  ['PUT', '/control/v1/endpoints/two', { url: 'https://a.example', key: raw }],
  ['PUT', '/control/v1/endpoints/two', { url: 'https://a.example', keys: [{ name: 'a', key: raw }] }],
  ['PUT', '/control/v1/endpoints/two', { url: `https://user:${raw}@a.example` }],
  ['PUT', '/control/v1/endpoints/two', { url: `https://a.example/?key=${raw}` }],
  ['PUT', '/control/v1/endpoints/two', { url: 'https://a.example', proxy: `http://user:${raw}@b.example` }],
  ['POST', '/control/v1/config/changes', { changes: [{ name: 'endpoints/two', value: { url: 'https://a.example', key: raw } }] }],
  ['POST', '/control/v1/config/changes', { changes: [{ name: 'listen/keys', value: [raw] }] }],
  ['POST', '/control/v1/config/changes', { changes: [{ name: 'keyStore/pepper', value: raw }] }],
  ['POST', '/control/v1/session', { name: 'admin', password: raw }],
];

test(
  'S5: a secret that is sent to the control API where a reference belongs is refused, and stands nowhere afterwards; nor does a password',
  { timeout: 90_000 },
  async () => {
    const secrets = mkdtempSync(join(tmpdir(), 'canary-secrets-'));
    onTestFinished(() => rmSync(secrets, { recursive: true }));
    const config = writeConfig('http://127.0.0.1:9', {}, { listen: { port: 0 }, control: { port: 0 } });
    onTestFinished(config.remove);
    const product = await startProduct(['up', '--config', config.path]);
    onTestFinished(product.stop);
    const headers: Record<string, string> = { 'x-second-source-control': '1', 'content-type': 'application/json' };
    const leaks: string[] = [];
    const ask = async (method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> => {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const answered = await fetch(`${product.controlUrl}${path}`, { method, headers, ...sent });
      const text = await answered.text();
      for (const found of textsIn(text + JSON.stringify([...answered.headers]), [raw, canaries.clientKey]))
        leaks.push(`${method} ${path}: ${found}: ${text.slice(0, 300)}`);
      return { status: answered.status, text };
    };
    for (const [method, path, body] of misplaced)
      expect([path, (await ask(method, path, body)).status]).toEqual([path, expect.toSatisfy((status: number) => status >= 400 && status < 500)]);
    // A reference is taken, and shown as what it is; what it refers to is not.
    writeFileSync(join(secrets, 'key'), raw);
    expect(
      (
        await ask('PUT', '/control/v1/endpoints/two', {
          url: 'http://127.0.0.1:9',
          key: `file:${join(secrets, 'key')}`,
          models: [{ name: 'n' }],
        })
      ).status,
    ).toBe(200);
    expect((await ask('POST', '/control/v1/users', { name: 'admin', role: 'admin', password })).status).toBeLessThan(300);
    const signed = await fetch(`${product.controlUrl}/control/v1/session`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ name: 'admin', password }),
    });
    expect(signed.status).toBeLessThan(300);
    headers['cookie'] = signed.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
    for (const { method, path } of controlRoutes) if (method === 'GET' && !path.includes('{') && !path.endsWith('/events')) await ask('GET', path);
    expect(leaks).toEqual([]);
    product.signal('SIGTERM');
    await product.ended;
    expect(textsIn(product.output(), [raw, canaries.clientKey])).toEqual([]);
    expect(filesHolding(config.ledgerDirectory, [raw, canaries.clientKey])).toEqual([]);
  },
);
