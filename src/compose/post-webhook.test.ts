import { createServer } from 'node:http';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../std/clock.ts';
import { webhookPost } from './post-webhook.ts';
import type { WebhookConfig } from '../config/resolve-webhooks.ts';

test('S10: a webhook is posted as it was signed, its redirects are not followed, and a private address is reached only where it may be', async () => {
  const heard: { readonly path: string | undefined; readonly id: string | string[] | undefined; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      heard.push({ path: request.url, id: request.headers['webhook-id'], body });
      if (request.url === '/moved') response.writeHead(302, { location: '/hook' }).end();
      else response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const origin = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  const { post, close } = webhookPost(systemClock);
  onTestFinished(async () => {
    await close();
    server.closeAllConnections();
    server.close();
  });
  const hook: WebhookConfig = { id: 'a', origin, path: '/hook', events: [], secret: 'hush', allowPrivate: true };
  expect(await post(hook, { 'webhook-id': '1' }, '{"a":1}')).toBe(204);
  expect(await post({ ...hook, path: '/moved' }, { 'webhook-id': '2' }, '{}')).toBe(302);
  expect(await post({ ...hook, allowPrivate: false }, { 'webhook-id': '3' }, '{}')).toBeUndefined();
  expect(heard).toEqual([
    { path: '/hook', id: '1', body: '{"a":1}' },
    { path: '/moved', id: '2', body: '{}' },
  ]);
});
