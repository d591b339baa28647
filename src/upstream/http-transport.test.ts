import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { systemClock } from '../std/clock.ts';
import { HttpTransport } from './http-transport.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

const parts: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of parts.splice(0).toReversed()) await stop();
});

/** A server that answers with the client's port, which tells connections apart; on `/v1/slow` only when it is let go. */
async function serve(): Promise<{ endpoint: Endpoint; transport: HttpTransport; letGo: () => void }> {
  let letGo = (): void => {};
  const server: Server = createServer((request, response) => {
    if (request.url !== '/v1/slow') response.end(String(request.socket.remotePort));
    else {
      response.write('begun ');
      letGo = () => response.end('ended');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const transport = new HttpTransport(
    { connectTimeoutMs: 1000, headerBytes: 16_384, connectionsPerEndpoint: 8, isAllowedAddress: () => true },
    systemClock,
  );
  parts.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => transport.close(),
  );
  const origin = `http://127.0.0.1:${address.port}`;
  return { endpoint: sampleEndpoint({ address: { kind: 'url', origin, basePath: '/v1' } }), transport, letGo: () => letGo() };
}

function call(
  transport: HttpTransport,
  endpoint: Endpoint,
  path = '/port',
  onFreshConnection = false,
): { ended: Promise<string>; begun: Promise<void> } {
  let text = '';
  let tellBegun = (): void => {};
  const begun = new Promise<void>((resolve) => {
    tellBegun = resolve;
  });
  const ended = new Promise<string>((resolve) => {
    transport.send(
      endpoint,
      { method: 'GET', path, body: undefined, onFreshConnection },
      {
        onHead: () => {},
        onData: (bytes) => {
          text += Buffer.from(bytes).toString('utf8');
          tellBegun();
        },
        onEnd: () => resolve(text),
        onError: (error) => resolve('code' in error ? String(error.code) : error.message),
      },
    );
  });
  return { ended, begun };
}

test('a kept connection is used again, unless a fresh one is asked for; then none of those kept is', async () => {
  const { endpoint, transport } = await serve();
  const ports = async (): Promise<ReadonlySet<string>> => {
    const seen = new Set<string>();
    for (let n = 0; n < 10; n += 1) seen.add(await call(transport, endpoint).ended);
    return seen;
  };
  const kept = await ports();
  expect(kept.size).toBeLessThan(10);
  expect(kept).not.toContain(await call(transport, endpoint, '/port', true).ended);
  for (const port of await ports()) expect(kept).not.toContain(port);
});

test('what runs beside that is not disturbed by it, and unplugging still reaches it', async () => {
  const { endpoint, transport, letGo } = await serve();
  const slow = call(transport, endpoint, '/slow');
  await slow.begun;
  await call(transport, endpoint, '/port', true).ended;
  letGo();
  expect(await slow.ended).toBe('begun ended');
  const cut = call(transport, endpoint, '/slow');
  await cut.begun;
  await call(transport, endpoint, '/port', true).ended;
  transport.cut(endpoint.id);
  expect(await cut.ended).toBe('UNPLUGGED');
});
