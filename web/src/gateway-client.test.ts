import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { GatewayClient, questionBody } from './gateway-client.ts';

let server: Server | undefined;
afterEach(
  () =>
    new Promise<void>((resolve) => {
      server?.closeAllConnections();
      if (server === undefined) resolve();
      else server.close(() => resolve());
      server = undefined;
    }),
);

/** A client of a real server on this machine that answers everything alike. */
async function clientOf(status: number, type: string, body: string): Promise<GatewayClient> {
  const started = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new GatewayClient((path, init) => fetch(`http://127.0.0.1:${address.port}${String(path)}`, init));
}

const listener = { onStarted: () => undefined, onProgress: () => undefined };
const question = { model: 'demo', messages: [{ role: 'user', content: 'Why?' }], endpoint: undefined } as const;

test('a chosen endpoint is an order, so that others may still take over', () => {
  expect(JSON.parse(questionBody({ ...question, endpoint: 'engine-2' }))).toMatchObject({
    stream: true,
    stream_options: { include_usage: true },
    provider: { order: ['engine-2'] },
  });
  expect(questionBody(question)).not.toContain('provider');
});

test('a refused question ends incomplete with the gateway’s own message and code', async () => {
  const client = await clientOf(503, 'application/json', '{"error":{"message":"No endpoint.","code":"upstream_unreachable"}}');
  const { ending } = await client.ask(question, new AbortController().signal, listener);
  expect(ending).toEqual({ kind: 'incomplete', trouble: { message: 'No endpoint.', code: 'upstream_unreachable' } });
});

test('a page in place of an error body shows only the status', async () => {
  const client = await clientOf(502, 'text/html', '<html>secret host</html>');
  expect(await client.models()).toEqual({
    kind: 'refused',
    status: 502,
    trouble: { message: 'The gateway answered with HTTP status 502.', code: 'http_502' },
  });
});

test('a body over the limit is not understood instead of kept', async () => {
  const client = await clientOf(200, 'application/json', `{"data":[],"x":"${'x'.repeat(1_200_000)}"}`);
  expect(await client.models()).toMatchObject({ kind: 'refused', trouble: { code: 'malformed_response' } });
});

test('a silent gateway is unreachable, not an exception', async () => {
  const client = new GatewayClient(() => Promise.reject(new TypeError('fetch failed')));
  expect(await client.endpoints()).toEqual({ kind: 'unreachable' });
  expect((await client.ask(question, new AbortController().signal, listener)).ending).toMatchObject({
    kind: 'incomplete',
    trouble: { code: 'gateway_unreachable' },
  });
});

test('the control token of a session goes along with every request once it is known', async () => {
  const seen: (string | null)[] = [];
  const session = { signedIn: true, open: false, name: 'ann', role: 'admin', controlToken: 'abc', owesTotp: false };
  const client = new GatewayClient((_path, init) => {
    seen.push(new Headers(init?.headers).get('x-second-source-control'));
    return Promise.resolve(Response.json(session));
  });
  await client.models();
  expect(await client.signIn('ann', 'a long password', '')).toEqual({ kind: 'received', value: session });
  await client.models();
  await client.ask(question, new AbortController().signal, listener);
  await client.signOut();
  await client.models();
  expect(seen).toEqual(['1', '1', 'abc', 'abc', 'abc', '1']);
});
