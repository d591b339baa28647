import { ownGateway } from '../../src/admin/internal/own-gateway.ts';
import { held } from '../support/started.ts';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { chatChunks } from '../support/numbered-answer.ts';
import { chunk, streamHead } from '../support/scripted-upstream.ts';
import type { TestGateway } from '../support/test-gateway.ts';

const plain = chatChunks(false);
const begun = streamHead + chunk(plain.role) + chunk(plain.content(1));
const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });
const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A client that neither closes when the other side has closed, nor reads unless it is told to. */
function open(gate: TestGateway, said: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(gate.url).port), host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    socket.on('error', reject);
    socket.write(said, () => resolve(socket));
  });
}

test('S18: a client that leaves before its request is whole reaches no endpoint and costs nothing', async () => {
  const { upstream, gate } = await held();
  for (const leave of ['resetAndDestroy', 'destroy'] as const) (await open(gate, head + body.slice(0, 20)))[leave]();
  await expect.poll(gate.connections).toBe(0);
  expect(upstream.calls).toHaveLength(0);
  expect(gate.charges).toEqual([]);
});

test.each<[string, (socket: Socket) => void]>([
  ['closes', (socket) => socket.destroy()],
  ['resets', (socket) => socket.resetAndDestroy()],
  ['closes its half', (socket) => socket.end()],
])('S18: a client that %s in mid-answer stops the upstream, and pays for what it got', async (_how, leave) => {
  const { upstream, gate } = await held();
  const socket = await open(gate, head + body);
  const call = await upstream.next();
  await call.write(begun);
  await new Promise((resolve) => socket.once('readable', resolve));
  leave(socket);
  await expect.poll(call.broken).toBe(true);
  await expect.poll(() => gate.charges).toMatchObject([{ outcome: 'client_closed' }]);
  expect(gate.closed).toMatchObject([{ state: 'S', outcome: 'client_closed' }]);
});

test('a client that leaves while the endpoint has said nothing yet stops it too', async () => {
  const { upstream, gate } = await held();
  const socket = await open(gate, head + body);
  const call = await upstream.next();
  socket.destroy();
  await expect.poll(call.broken).toBe(true);
  await expect.poll(() => gate.closed).toMatchObject([{ state: 'U', outcome: 'client_closed' }]);
});

test('S18: a client that reads nothing is cut off after a while, and so is its upstream', async () => {
  const { upstream, gate } = await held({ writeStallMs: 300 });
  await open(gate, head + body);
  const call = await upstream.next();
  await call.write(begun);
  const big = chunk(plain.content(2).replace('<2>', 'x'.repeat(60_000)));
  // Written without waiting, as the gateway stops reading once its client does not take what it has.
  for (let n = 0; n < 300; n += 1) void call.write(big);
  await expect.poll(gate.connections, { timeout: 10_000 }).toBe(0);
  await expect.poll(call.broken).toBe(true);
  await expect.poll(() => gate.charges).toMatchObject([{ outcome: 'client_closed' }]);
});

test.each([
  ['heads', 'POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '],
  ['bodies', head + body.slice(0, 5)],
])(
  'S18: 300 clients that never finish their %s are closed, though they do not close themselves, and others are served meanwhile',
  async (_what, said) => {
    const { upstream, gate } = await held({ listener: { headersTimeoutMs: 500, requestTimeoutMs: 1000 }, concurrentRequests: 400 });
    await Promise.all(Array.from({ length: 300 }, () => open(gate, said)));
    expect(await gate.connections()).toBeGreaterThan(0);
    expect((await fetch(`${gate.url}/health`, { headers: { connection: 'close' } })).status).toBe(200);
    await expect.poll(gate.connections, { timeout: 20_000, interval: 100 }).toBe(0);
    expect(upstream.calls).toHaveLength(0);
    expect(gate.charges).toEqual([]);
  },
  40_000,
);

test('while the event loop is late, new requests are turned away with a time to come again, and health says so', async () => {
  let lagMs = 0;
  const { upstream, gate } = await held({ lagP99Ms: () => lagMs });
  const earlier = await open(gate, head + body);
  const call = await upstream.next();
  lagMs = 150.04;
  const refused = await fetch(`${gate.url}/v1/chat/completions`, { method: 'POST', body });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await refused.json()).toMatchObject({ error: { code: 'overloaded' } });
  const health = await fetch(`${gate.url}/health`);
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok', eventLoopLagP99Ms: 150 }]);
  // What runs already goes on.
  await call.write(begun);
  await new Promise((resolve) => earlier.once('readable', resolve));
  expect(String(earlier.read())).toContain('<1>');
});

test('a request that an SDK sends again by itself is counted, never merged', async () => {
  const { upstream, gate } = await held();
  const post = (retryCount: string): Promise<Response> =>
    fetch(`${gate.url}/v1/chat/completions`, { method: 'POST', body, headers: { 'x-stainless-retry-count': retryCount } });
  for (const retryCount of ['0', '1']) {
    const answer = post(retryCount);
    await (await upstream.next()).write('HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n');
    expect((await answer).status).toBe(503);
  }
  expect(await ownGateway(gate.context).status()).toMatchObject({ probableRetries: 1 });
  expect(upstream.calls).toHaveLength(2);
  expect(gate.charges).toHaveLength(2);
});
