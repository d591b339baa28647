import { createServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { chatChunks, numberedText } from '../support/numbered-answer.ts';
import { chunk, event, jsonResponse, lastChunk, startScriptedUpstream, streamHead, type Script } from '../support/scripted-upstream.ts';
import { postRaw, viewStream, type RawAnswer } from '../support/read-answer.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

/** Faults below the level of events, as bytes on real sockets (fault catalogue, rows marked as measured). */
const plain = chatChunks(false);
const ask = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });
const askWhole = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'count' }] });
const running: { stop: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

const three = [1, 2, 3].map((n) => plain.content(n)).join('');
const end = plain.finish + plain.usage(3) + event('[DONE]');
const whole: Script = { pieces: [streamHead, chunk(plain.role + three), chunk(end), lastChunk], end: 'keep' };
const wholeJson = '{"id":"x","model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}';
const secret = 'SECRET OF ANOTHER TENANT';

async function gatewayOver(origins: readonly string[], options: Parameters<typeof startTestGateway>[1] = {}): Promise<TestGateway> {
  const gate = await startTestGateway(
    origins.map((origin, index) => ({ id: `e${index}`, origin, key: 'sk-upstream-key' })),
    options,
  );
  running.push(gate);
  return gate;
}

async function scripted(answer: Script | ((index: number) => Script)): Promise<string> {
  const upstream = await startScriptedUpstream((_request, index) => (typeof answer === 'function' ? answer(index) : answer));
  running.push(upstream);
  return upstream.origin;
}

/** A server for what must happen before, or without, a request. */
async function raw(onConnection: (socket: Socket) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push({ stop: () => new Promise((resolve) => void server.close(() => resolve())) });
  const bound = server.address();
  return `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
}

function post(gate: TestGateway, body = ask, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
  return postRaw(`${gate.url}/v1/chat/completions`, body, headers);
}

const sse = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';

test.each<[string, Script, number, string]>([
  ['headers over 16 KiB', { pieces: [`${sse}x-long: ${'a'.repeat(20_000)}\r\n\r\n`], end: 'keep' }, 502, 'upstream_malformed'],
  [
    'three thousand header fields',
    { pieces: [`${sse}${Array.from({ length: 3000 }, (_, n) => `x-${n}: ${n}\r\n`).join('')}\r\n`], end: 'keep' },
    502,
    'upstream_malformed',
  ],
  ['status 999', { pieces: [jsonResponse(999, '{}')], end: 'keep' }, 502, 'upstream_error'],
  ['status 204', { pieces: ['HTTP/1.1 204 No Content\r\n\r\n'], end: 'keep' }, 502, 'upstream_error'],
  ['two content lengths', { pieces: [`${sse}content-length: 5\r\ncontent-length: 7\r\n\r\nhello`], end: 'keep' }, 502, 'upstream_malformed'],
  ['a chunk size before any content that is none', { pieces: [streamHead, 'zz\r\n'], end: 'keep' }, 502, 'upstream_malformed'],
  ['a chunk size that overflows', { pieces: [streamHead, 'fffffffffffffffff\r\n'], end: 'keep' }, 502, 'upstream_malformed'],
  [
    'lines that end in LF alone',
    { pieces: ['HTTP/1.1 200 OK\ncontent-type: text/event-stream\n\ndata: x\n\n'], end: 'fin' },
    502,
    'upstream_malformed',
  ],
  ['HTTP/0.9', { pieces: ['hello, this is the body and there is no head\n'], end: 'fin' }, 502, 'upstream_malformed'],
  ['FIN instead of a response', { pieces: [], end: 'fin' }, 502, 'upstream_error'],
])('before content, %s fails over unseen, and is told in our words where nobody else is', async (_name, script, status, code) => {
  const alone = await post(await gatewayOver([await scripted(script)]));
  expect(alone.status).toBe(status);
  expect(JSON.parse(alone.text).error).toMatchObject({ code });
  const answer = await post(await gatewayOver([await scripted(script), await scripted(whole)]));
  expect(viewStream(answer.text)).toMatchObject({ text: numberedText(1, 3), done: true, errorCode: undefined });
  expect(answer.headers).toMatchObject({ 'x-second-source-endpoint': 'e1' });
});

test('a connection that is reset right after it was accepted fails over unseen', async () => {
  const resetting = await raw((socket) => socket.resetAndDestroy());
  expect((await post(await gatewayOver([resetting]))).status).toBe(503);
  expect(viewStream((await post(await gatewayOver([resetting, await scripted(whole)]))).text)).toMatchObject({
    text: numberedText(1, 3),
    done: true,
  });
});

test('a kept connection that closes under the next request is tried once more, on a fresh one', async () => {
  const asked = new Map<Socket, number>();
  const closing = await raw((socket) => {
    socket.on('data', () => {
      const times = (asked.get(socket) ?? 0) + 1;
      asked.set(socket, times);
      if (times === 1) socket.write(jsonResponse(200, wholeJson));
      // The server had decided to close it just before the second request arrived.
      else socket.destroy();
    });
  });
  const gate = await gatewayOver([closing]);
  for (let n = 0; n < 4; n += 1) expect((await post(gate, askWhole)).status).toBe(200);
  expect([...asked.values()].some((times) => times > 1)).toBe(true);
});

test.each<[string, Script]>([
  ['a content length that is too long', { pieces: [`${sse}content-length: 9999\r\n\r\n`, plain.role + three], end: 'fin' }],
  [
    'a content length that is too short',
    { pieces: [`${sse}content-length: ${(plain.role + three).length}\r\n\r\n`, plain.role + three + end], end: 'fin' },
  ],
  ['a chunk size that overflows', { pieces: [streamHead, chunk(plain.role + three), 'fffffffffffffffff\r\n'], end: 'keep' }],
])('after content, %s ends as an error event without [DONE] and a broken connection', async (_name, script) => {
  const answer = await post(await gatewayOver([await scripted(script), await scripted(whole)]));
  expect(viewStream(answer.text)).toMatchObject({ text: numberedText(1, 3), done: false, finishReasons: [], errorCode: 'upstream_stream_error' });
  expect(answer.ended).toBe('cut');
});

test('garbage in the framing after [DONE] harms nothing, and its socket is not used again', async () => {
  let connections = 0;
  const origin = await raw((socket) => {
    connections += 1;
    socket.on('data', () => void socket.write(`${streamHead}${chunk(plain.role + three)}${chunk(end)}0\r\nnot a trailer at all\u0000\r\n\r\n`));
  });
  const gate = await gatewayOver([origin]);
  for (let n = 1; n <= 3; n += 1) {
    expect(viewStream((await post(gate)).text)).toMatchObject({ text: numberedText(1, 3), done: true });
    expect(connections).toBe(n);
  }
});

test.each([
  ['in one piece', wholeJson, jsonResponse(200, wholeJson.replace('"ok"', `"${secret}"`)), askWhole],
  ['streamed', '', `${streamHead}${chunk(plain.role + plain.content(1).replace('<1>', secret))}${chunk(end)}${lastChunk}`, ask],
])('a second response on a kept connection, %s, is given to no tenant', async (_name, body, leak, request) => {
  const healthy = body === '' ? `${streamHead}${chunk(plain.role + three)}${chunk(end)}${lastChunk}` : jsonResponse(200, body);
  const origin = await scripted((index) => ({ pieces: [index % 2 === 0 ? healthy + leak : healthy], end: 'keep' }));
  const gate = await gatewayOver([origin], { keys: ['ss-first-tenant', 'ss-second-tenant'] });
  for (let n = 0; n < 6; n += 1) {
    const answer = await post(gate, request, { authorization: `Bearer ${n % 2 === 0 ? 'ss-first-tenant' : 'ss-second-tenant'}` });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain(secret);
  }
});

test('a compressed bomb is refused by its head: nothing is unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(64 << 20));
  const gzipHead = `${sse}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`;
  const answer = await post(await gatewayOver([await scripted({ pieces: [gzipHead, bomb], end: 'keep' }), await scripted(whole)]));
  expect(viewStream(answer.text)).toMatchObject({ text: numberedText(1, 3), done: true });
});

test('a character that is split at every byte of its packets arrives whole', async () => {
  const odd = plain.content(1).replace('<1>', 'é😀한');
  const bytes = Buffer.from(odd, 'utf8');
  const bytewise = [...bytes].map((byte) => Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]));
  const pieces = [streamHead, chunk(plain.role), ...bytewise, chunk(end), lastChunk];
  expect(viewStream((await post(await gatewayOver([await scripted({ pieces, end: 'keep' })]))).text)).toMatchObject({ text: 'é😀한', done: true });
});
