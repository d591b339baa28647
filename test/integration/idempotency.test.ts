import { held } from '../support/started.ts';
import { expect, test } from 'vitest';
import { chatChunks, numberedText } from '../support/numbered-answer.ts';
import { chunk, event, jsonResponse, lastChunk, streamHead } from '../support/scripted-upstream.ts';
import { postRaw, viewStream, type RawAnswer } from '../support/read-answer.ts';
import type { TestGateway } from '../support/test-gateway.ts';

const plain = chatChunks(false);

function body(extra: Record<string, unknown> = {}): string {
  return JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }], ...extra });
}

interface Asked {
  readonly answer: Promise<RawAnswer>;
  /** Resolves when the answer has brought this text. */
  readonly has: (text: string) => Promise<void>;
}

function ask(gate: TestGateway, key: string, sent = body(), headers: Readonly<Record<string, string>> = {}): Asked {
  let seen = '';
  const answer = postRaw(`${gate.url}/v1/chat/completions`, sent, { 'idempotency-key': key, ...headers }, (text) => {
    seen = text;
  });
  return { answer, has: async (text) => expect.poll(() => seen).toContain(text) };
}

/** Resolves when so many requests stand before the gateway, the last one surely read. */
async function arrived(gate: TestGateway, count: number): Promise<void> {
  await expect.poll(gate.connections).toBe(count);
  await fetch(`${gate.url}/health`, { headers: { connection: 'close' } });
}

const content = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => chunk(plain.content(from + index))).join('');
const begun = streamHead + chunk(plain.role) + content(1, 3);
const rest = content(4, 6) + chunk(plain.finish + plain.usage(6) + event('[DONE]')) + lastChunk;
const whole = jsonResponse(
  200,
  '{"id":"c","object":"chat.completion","created":7,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}',
);

test('a second stream with the same key follows the first from its beginning: one attempt, one charge', async () => {
  const { upstream, gate } = await held();
  const first = ask(gate, 'k');
  await (await upstream.next()).write(begun);
  await first.has('<3>');
  const second = ask(gate, 'k');
  await second.has('<3>');
  await upstream.calls[0]?.write(rest);
  const answers = [await first.answer, await second.answer];
  for (const { text, ended } of answers)
    expect({ ...viewStream(text), ended }).toMatchObject({ text: numberedText(1, 6), done: true, ended: 'proper' });
  expect(answers[0]?.text).toBe(answers[1]?.text);
  expect(answers.map(({ headers }) => headers['idempotent-replayed'])).toEqual([undefined, 'true']);
  expect(answers[0]?.headers['x-request-id']).toBe(answers[1]?.headers['x-request-id']);
  expect(upstream.calls).toHaveLength(1);
  expect(gate.charges).toMatchObject([{ outcome: 'ok', attempts: 1 }]);
});

test('a finished stream is given again, byte for byte, without an attempt or a charge', async () => {
  const { upstream, gate } = await held();
  const first = ask(gate, 'k');
  await (await upstream.next()).write(begun + rest);
  const { text } = await first.answer;
  const again = await ask(gate, 'k').answer;
  expect(again).toMatchObject({ status: 200, text, ended: 'proper', headers: { 'idempotent-replayed': 'true' } });
  expect(upstream.calls).toHaveLength(1);
  expect(gate.charges).toHaveLength(1);
});

test('an answer in one piece is waited for, and given again', async () => {
  const { upstream, gate } = await held();
  const sent = body({ stream: false });
  const first = ask(gate, 'k', sent);
  const call = await upstream.next();
  const second = ask(gate, 'k', sent);
  await arrived(gate, 2);
  await call.write(whole);
  const third = async (): Promise<RawAnswer> => ask(gate, 'k', sent).answer;
  const answers = [await first.answer, await second.answer, await third()];
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 200, text: answers[0]?.text, ended: 'proper' });
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
  }
  expect(answers.map(({ headers }) => headers['idempotent-replayed'])).toEqual([undefined, 'true', 'true']);
  expect(upstream.calls).toHaveLength(1);
  expect(gate.charges).toHaveLength(1);
});

test('the first client may leave: the answer goes on for the other', async () => {
  const { upstream, gate } = await held();
  const stop = new AbortController();
  const first = fetch(`${gate.url}/v1/chat/completions`, { method: 'POST', body: body(), headers: { 'idempotency-key': 'k' }, signal: stop.signal });
  const call = await upstream.next();
  await call.write(begun);
  await first;
  const second = ask(gate, 'k');
  await second.has('<3>');
  stop.abort();
  await expect.poll(gate.connections).toBe(1);
  await call.write(rest);
  expect(viewStream((await second.answer).text)).toMatchObject({ text: numberedText(1, 6), done: true });
  expect(gate.charges).toMatchObject([{ outcome: 'ok' }]);
});

test('when all have left, the upstream is stopped, and the same key runs anew', async () => {
  const { upstream, gate } = await held();
  const stop = new AbortController();
  const leave = [0, 1].map(() =>
    fetch(`${gate.url}/v1/chat/completions`, { method: 'POST', body: body(), headers: { 'idempotency-key': 'k' }, signal: stop.signal }),
  );
  const call = await upstream.next();
  await call.write(begun);
  await Promise.all(leave);
  expect(upstream.calls).toHaveLength(1);
  stop.abort();
  await expect.poll(() => call.broken()).toBe(true);
  await expect.poll(() => gate.charges).toMatchObject([{ outcome: 'client_closed' }]);
  const again = ask(gate, 'k');
  await (await upstream.next()).write(begun + rest);
  expect((await again.answer).headers['idempotent-replayed']).toBeUndefined();
});

test('another body under the same key is refused, and so is a key that is none', async () => {
  const { upstream, gate } = await held();
  const first = ask(gate, 'k');
  await (await upstream.next()).write(begun + rest);
  await first.answer;
  const other = await ask(gate, 'k', body({ temperature: 0.5 })).answer;
  expect(other.status).toBe(422);
  expect(JSON.parse(other.text).error.code).toBe('idempotency_mismatch');
  expect(other.headers['x-should-retry']).toBe('false');
  for (const key of ['', 'two words', 'x'.repeat(256)]) {
    const refused = await ask(gate, key).answer;
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text).error).toMatchObject({ code: 'invalid_request', param: 'idempotency-key' });
  }
  expect(upstream.calls).toHaveLength(1);
});

test('the same key on another route is another key', async () => {
  const { upstream, gate } = await held();
  const first = ask(gate, 'k');
  await (await upstream.next()).write(begun + rest);
  await first.answer;
  const elsewhere = postRaw(`${gate.url}/v1/embeddings`, '{"model":"m","input":"x"}', { 'idempotency-key': 'k' });
  await (await upstream.next()).write(jsonResponse(200, '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]}],"model":"up"}'));
  expect((await elsewhere).status).toBe(200);
});

test('a failure is told to all who wait and then forgotten: the next one runs anew', async () => {
  const { upstream, gate } = await held();
  const both = [ask(gate, 'k'), ask(gate, 'k')];
  const call = await upstream.next();
  await arrived(gate, 2);
  await call.write(jsonResponse(500, '{}'));
  for (const { answer } of both) expect(JSON.parse((await answer).text).error.code).toBe('upstream_error');
  const again = ask(gate, 'k');
  await (await upstream.next()).write(begun + rest);
  expect((await again.answer).headers['idempotent-replayed']).toBeUndefined();
  expect(viewStream((await again.answer).text).done).toBe(true);
});

test('a failure in mid-stream breaks every follower, honestly', async () => {
  const { upstream, gate } = await held();
  const first = ask(gate, 'k');
  const call = await upstream.next();
  await call.write(begun);
  await first.has('<3>');
  const second = ask(gate, 'k');
  await second.has('<3>');
  call.reset();
  for (const { answer } of [first, second]) {
    const { text, ended } = await answer;
    expect({ ...viewStream(text), ended }).toMatchObject({ done: false, errorCode: 'upstream_stream_error', ended: 'cut' });
  }
});

test('an endpoint’s refusal of the request itself is given again', async () => {
  const { upstream, gate } = await held();
  const first = ask(gate, 'k');
  await (await upstream.next()).write(jsonResponse(400, '{"error":{"message":"no","param":"x"}}'));
  expect((await first.answer).status).toBe(400);
  expect(await ask(gate, 'k').answer).toMatchObject({ status: 400, text: (await first.answer).text, headers: { 'idempotent-replayed': 'true' } });
  expect(upstream.calls).toHaveLength(1);
});

test('an answer that is too long to store still reaches its client, and a repetition is asked to wait', async () => {
  const { upstream, gate } = await held({ idempotency: { maxBytes: 65_536 } });
  const first = ask(gate, 'k');
  const call = await upstream.next();
  await call.write(streamHead + chunk(plain.role) + chunk(plain.content(1).replace('<1>', 'x'.repeat(8000))));
  await first.has('xxx');
  const second = await ask(gate, 'k').answer;
  expect(second.status).toBe(409);
  expect(JSON.parse(second.text).error.code).toBe('idempotency_in_progress');
  expect(second.headers).toMatchObject({ 'retry-after': '2', 'x-should-retry': 'true' });
  await call.write(rest);
  expect(viewStream((await first.answer).text)).toMatchObject({ text: 'x'.repeat(8000) + numberedText(4, 6), done: true });
  const again = ask(gate, 'k');
  await (await upstream.next()).write(begun + rest);
  expect((await again.answer).headers['idempotent-replayed']).toBeUndefined();
});

test('another tenant’s key is no key of ours: where keys are configured, nobody attaches without one', async () => {
  const { upstream, gate } = await held({ keys: ['correct-key'] });
  const first = ask(gate, 'k', body(), { authorization: 'Bearer correct-key' });
  await (await upstream.next()).write(begun + rest);
  await first.answer;
  expect((await ask(gate, 'k').answer).status).toBe(401);
});
