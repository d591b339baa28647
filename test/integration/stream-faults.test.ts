import { expect, test } from 'vitest';
import { chatChunks, numberedText } from '../support/numbered-answer.ts';
import { chunk, event, jsonResponse, lastChunk, streamHead, type Script } from '../support/scripted-upstream.ts';
import { postRaw, viewStream, type RawAnswer } from '../support/read-answer.ts';
import { gatewayOver, scripted } from '../support/started.ts';
import type { TestGateway } from '../support/test-gateway.ts';

const plain = chatChunks(false);
const ask = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });
async function answerOf(
  first: Script,
  second?: Script,
  options: Parameters<typeof gatewayOver>[1] = {},
): Promise<{ answer: RawAnswer; gate: TestGateway }> {
  const endpoints = [{ id: 'one', origin: (await scripted(first)).origin }];
  if (second !== undefined) endpoints.push({ id: 'two', origin: (await scripted(second)).origin });
  const gate = await gatewayOver(endpoints, options);
  return { answer: await postRaw(`${gate.url}/v1/chat/completions`, ask), gate };
}

function content(count: number): string {
  return Array.from({ length: count }, (_, index) => plain.content(index + 1)).join('');
}

const whole: Script = {
  pieces: [streamHead, chunk(plain.role + content(3)), chunk(plain.finish + plain.usage(3) + event('[DONE]')), lastChunk],
  end: 'keep',
};
const begun = [streamHead, chunk(plain.role), chunk(content(3))];

test('a whole stream passes with one finish reason, [DONE], provenance and one charge', async () => {
  const { answer, gate } = await answerOf(whole);
  const view = viewStream(answer.text);
  expect(answer.ended).toBe('proper');
  expect(view).toMatchObject({ text: numberedText(1, 3), done: true, finishReasons: ['stop'], errorCode: undefined });
  expect(view.usage).toBeUndefined();
  expect(view.models).toEqual(new Set(['m']));
  expect(view.segments).toMatchObject([{ endpoint: 'one', output_tokens: 3, characters: 9, gap_ms: null }]);
  expect(answer.headers).toMatchObject({
    'x-second-source-endpoint': 'one',
    'x-second-source-vendor': 'one-vendor',
    'x-second-source-silicon': 'one chip',
    'x-second-source-evidence': 'declared',
    'x-second-source-attempts': '1',
  });
  expect(gate.charges).toMatchObject([{ outcome: 'ok', usage: { inputTokens: 3, outputTokens: 3, source: 'upstream' } }]);
  expect(gate.closed).toMatchObject([{ state: 'S', outcome: 'ok' }]);
});

test.each<[string, Script]>([
  ['FIN inside a chunked body', { pieces: begun, end: 'fin' }],
  ['RST inside a chunked body', { pieces: begun, end: 'rst' }],
  [
    'FIN of a body that ends with its connection',
    { pieces: ['HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n', plain.role + content(3)], end: 'fin' },
  ],
  [
    'RST of a body that ends with its connection',
    { pieces: ['HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n', plain.role + content(3)], end: 'rst' },
  ],
  ['a proper end without a finish reason', { pieces: [...begun, lastChunk], end: 'keep' }],
  ['[DONE] without a finish reason', { pieces: [...begun, chunk(event('[DONE]')), lastChunk], end: 'keep' }],
  [
    'an error event, then [DONE], then a proper end (vLLM when its core dies)',
    {
      pieces: [...begun, chunk(event('{"error":{"message":"EngineCore encountered an issue","code":500}}') + event('[DONE]')), lastChunk],
      end: 'keep',
    },
  ],
  [
    'a finish reason that proves nothing',
    { pieces: [...begun, chunk(event('{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}') + event('[DONE]')), lastChunk], end: 'keep' },
  ],
  [
    'malformed JSON in an event',
    { pieces: [...begun, chunk(event('{"choices":[{"ind')), chunk(plain.finish + event('[DONE]')), lastChunk], end: 'keep' },
  ],
  ['a bad chunk size', { pieces: [...begun, 'zz\r\n'], end: 'keep' }],
])('after content, %s ends as an error event without [DONE] and a broken connection', async (_name, script) => {
  const { answer, gate } = await answerOf(script, whole);
  const view = viewStream(answer.text);
  expect(answer.status).toBe(200);
  expect(view).toMatchObject({ text: numberedText(1, 3), done: false, finishReasons: [], errorCode: 'upstream_stream_error' });
  expect(answer.ended).toBe('cut');
  expect(gate.charges).toMatchObject([{ outcome: 'upstream_stream_error', chargeUsd: 0 }]);
});

test.each<[string, Script]>([
  ['a refused connection after the head', { pieces: [streamHead], end: 'rst' }],
  ['a cut after the role', { pieces: [streamHead, chunk(plain.role)], end: 'fin' }],
  ['status 500 with HTML', { pieces: ['HTTP/1.1 500 X\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<h1>Oops</h1>'], end: 'keep' }],
  ['status 401', { pieces: [jsonResponse(401, '{"error":{"message":"bad key sk-secret1234567"}}')], end: 'keep' }],
  ['status 429', { pieces: [jsonResponse(429, '{"error":{}}', 'retry-after: 7\r\n')], end: 'keep' }],
  ['status 529', { pieces: [jsonResponse(529, '{"error":{}}')], end: 'keep' }],
  ['a redirect', { pieces: ['HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'], end: 'keep' }],
  ['a JSON body for a stream', { pieces: [jsonResponse(200, '{}')], end: 'keep' }],
  ['[DONE] before any token', { pieces: [streamHead, chunk(event('[DONE]')), lastChunk], end: 'keep' }],
  ['no HTTP at all', { pieces: ['SSH-2.0-OpenSSH_9.2\r\n'], end: 'keep' }],
])('before content, %s fails over unseen', async (_name, script) => {
  const { answer, gate } = await answerOf(script, whole);
  expect(answer.status).toBe(200);
  expect(viewStream(answer.text)).toMatchObject({ text: numberedText(1, 3), done: true, errorCode: undefined });
  expect(answer.headers).toMatchObject({ 'x-second-source-endpoint': 'two', 'x-second-source-attempts': '2' });
  expect(gate.charges).toHaveLength(1);
  expect(gate.closed).toHaveLength(2);
});

test.each<[string, Script, number, string, string]>([
  ['status 401', { pieces: [jsonResponse(401, '{"error":{"message":"bad key sk-secret1234567"}}')], end: 'keep' }, 502, 'upstream_auth', 'false'],
  ['status 529', { pieces: [jsonResponse(529, '{"error":{}}')], end: 'keep' }, 503, 'overloaded', 'true'],
  ['status 429', { pieces: [jsonResponse(429, '{"error":{}}', 'retry-after: 7\r\n')], end: 'keep' }, 429, 'rate_limit_exceeded', 'true'],
  [
    'an empty vendor account',
    { pieces: [jsonResponse(429, '{"error":{"code":"insufficient_quota"}}')], end: 'keep' },
    503,
    'upstream_unreachable',
    'false',
  ],
  [
    'HTML',
    { pieces: ['HTTP/1.1 502 X\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<h1>Oops</h1>'], end: 'keep' },
    502,
    'upstream_error',
    'false',
  ],
  [
    'a redirect',
    { pieces: ['HTTP/1.1 308 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'], end: 'keep' },
    502,
    'upstream_redirect',
    'false',
  ],
  [
    'a context that is too long',
    { pieces: [jsonResponse(400, '{"error":{"message":"maximum context length is 9","code":"context_length_exceeded"}}')], end: 'keep' },
    400,
    'context_length_exceeded',
    'false',
  ],
])('with nobody else to try, %s is told in our own words', async (_name, script, status, code, shouldRetry) => {
  const { answer } = await answerOf(script);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text).error).toMatchObject({ code });
  expect(answer.headers['x-should-retry']).toBe(shouldRetry);
  expect(answer.text).not.toMatch(/sk-secret|Oops|127\.0\.0\.1/);
});

test('S11: a redirect is never followed, so the key stays where it belongs', async () => {
  const elsewhere = await scripted(whole);
  const redirecting = await scripted({
    pieces: [`HTTP/1.1 307 X\r\nlocation: ${elsewhere.origin}/v1/chat/completions\r\ncontent-length: 0\r\n\r\n`],
    end: 'keep',
  });
  const gate = await gatewayOver([{ id: 'one', origin: redirecting.origin, key: 'sk-upstream-key' }]);
  const answer = await postRaw(`${gate.url}/v1/chat/completions`, ask);
  expect(answer.status).toBe(502);
  expect(redirecting.seen[0]?.headers).toContain('Bearer sk-upstream-key');
  expect(elsewhere.seen).toHaveLength(0);
  expect(answer.text).not.toContain('sk-upstream-key');
});

test('comments are no content: they do not hold back the clock to the first token', async () => {
  const pieces = [streamHead, ...Array.from({ length: 400 }, () => chunk(': processing\n\n'))];
  const { answer } = await answerOf({ pieces, end: 'hang' }, undefined, { limits: { ttftTimeoutMs: 200 } });
  expect(answer.status).toBe(504);
  expect(JSON.parse(answer.text).error.code).toBe('upstream_timeout');
});

test('a stall after content ends honestly, and the silent endpoint is hung up on', async () => {
  const silent = await scripted({ pieces: begun, end: 'hang' });
  const gate = await gatewayOver([{ id: 'one', origin: silent.origin }], { limits: { stallTimeoutMs: 150 } });
  const answer = await postRaw(`${gate.url}/v1/chat/completions`, ask);
  expect(viewStream(answer.text)).toMatchObject({ done: false, errorCode: 'upstream_timeout' });
  await expect.poll(silent.broken).toBe(1);
});

test('a lost client stops the upstream and is billed for what it got', async () => {
  const silent = await scripted({ pieces: begun, end: 'hang' });
  const gate = await gatewayOver([{ id: 'one', origin: silent.origin }]);
  const stop = new AbortController();
  const response = await fetch(`${gate.url}/v1/chat/completions`, { method: 'POST', body: ask, signal: stop.signal });
  await response.body?.getReader().read();
  stop.abort();
  await expect.poll(silent.broken).toBe(1);
  await expect.poll(() => gate.charges).toMatchObject([{ outcome: 'client_closed', usage: { source: 'reserve' } }]);
  expect(gate.closed).toMatchObject([{ state: 'S', outcome: 'client_closed' }]);
});

test('a heartbeat opens the stream, and a failure after it is told inside', async () => {
  const { answer } = await answerOf({ pieces: [streamHead], end: 'hang' }, undefined, { limits: { heartbeatMs: 50, ttftTimeoutMs: 200 } });
  expect(answer.status).toBe(200);
  expect(answer.text).toContain(': ka\n\n');
  expect(viewStream(answer.text)).toMatchObject({ done: false, errorCode: 'upstream_timeout' });
  expect(answer.ended).toBe('cut');
});

test('a missing [DONE] after the finish reason is made good where the framing ended properly (transformers serve)', async () => {
  const { answer } = await answerOf({ pieces: [...begun, chunk(plain.finish), lastChunk], end: 'keep' });
  expect(viewStream(answer.text)).toMatchObject({ text: numberedText(1, 3), done: true, finishReasons: ['stop'] });
});

test('what the endpoint sends reaches the client byte for byte, but for the model name and our own member', async () => {
  const odd = event(
    '{ "id":"x",  "created":7, "model":"up","choices":[ {"index":0,"delta":{"content":"\\u00e9\\ud83d\\ude00"},"finish_reason":null, "extra":1.0} ], "big":12345678901234567890 }',
  );
  const { answer } = await answerOf({ pieces: [streamHead, chunk(odd), chunk(plain.finish + event('[DONE]')), lastChunk], end: 'keep' });
  expect(answer.text).toContain(
    '{ "id":"x",  "created":7, "model":"m","choices":[ {"index":0,"delta":{"content":"\\u00e9\\ud83d\\ude00"},"finish_reason":null, "extra":1.0} ], "big":12345678901234567890 }',
  );
});

test('the client sees usage only if it asked, and the endpoint is always asked', async () => {
  const asked = await scripted(whole);
  const gate = await gatewayOver([{ id: 'one', origin: asked.origin }]);
  const without = await postRaw(`${gate.url}/v1/chat/completions`, ask);
  const withUsage = await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ ...JSON.parse(ask), stream_options: { include_usage: true } }));
  expect(viewStream(without.text).usage).toBeUndefined();
  expect(viewStream(withUsage.text).usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 3 });
  for (const { body } of asked.seen) expect(JSON.parse(body)).toMatchObject({ model: 'up', stream_options: { include_usage: true } });
});

test('a ledger that cannot be written refuses the request, and nothing is dispatched', async () => {
  const asked = await scripted(whole);
  const gate = await gatewayOver([{ id: 'one', origin: asked.origin }], { ledgerFails: true });
  for (const body of [ask, JSON.stringify({ ...JSON.parse(ask), stream: false })]) {
    const answer = await postRaw(`${gate.url}/v1/chat/completions`, body);
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text).error.code).toBe('ledger_unavailable');
  }
  expect(asked.seen).toHaveLength(0);
  expect(gate.reports.join()).toContain('disk is full');
});

test('a client that reads nothing for a while is no stall of the endpoint', async () => {
  const big = plain.content(1).replace('<1>', 'x'.repeat(60_000));
  const many: Script = {
    pieces: [streamHead, chunk(plain.role), ...Array.from({ length: 200 }, () => chunk(big)), chunk(plain.finish + event('[DONE]')), lastChunk],
    end: 'keep',
  };
  const asked = await scripted(many);
  const gate = await gatewayOver([{ id: 'one', origin: asked.origin }], { limits: { stallTimeoutMs: 4000 }, writeStallMs: 20_000 });
  const response = await fetch(`${gate.url}/v1/chat/completions`, { method: 'POST', body: ask });
  const reader = response.body?.getReader();
  await reader?.read();
  await new Promise((resolve) => setTimeout(resolve, 6000));
  let tail = '';
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
    tail = (tail + new TextDecoder().decode(part.value)).slice(-200);
  expect(tail).toContain('data: [DONE]');
});

test('S10: a name that resolves to this machine is not connected to unless the endpoint allows private addresses', async () => {
  const asked = await scripted(whole);
  const origin = asked.origin.replace('127.0.0.1', 'localhost');
  const refused = await gatewayOver([{ id: 'one', origin, allowPrivate: false, key: 'sk-upstream-key' }]);
  const answer = await postRaw(`${refused.url}/v1/chat/completions`, ask);
  expect(answer.status).toBe(503);
  expect(asked.seen).toHaveLength(0);
  const allowed = await gatewayOver([{ id: 'one', origin, allowPrivate: true }]);
  expect((await postRaw(`${allowed.url}/v1/chat/completions`, ask)).status).toBe(200);
});
