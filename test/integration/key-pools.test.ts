import { expect, onTestFinished, test } from 'vitest';
import { gatewayOver, scripted } from '../support/started.ts';
import { messageWhole } from '../support/dialect-scripts.ts';
import { jsonResponse, startScriptedUpstream, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import type { EndpointKey } from '../../src/fleet/endpoint-key.ts';
import type { TestGateway } from '../support/test-gateway.ts';

const answer = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'up',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 },
});

function keyNamed(name: string, more: Partial<EndpointKey> = {}): EndpointKey {
  return { name, key: `sk-${name}`, provisioned: false, ...more };
}

interface Reply {
  readonly status: number;
  readonly body?: string;
  readonly headers?: string;
}

/** An account: what each of its keys is answered. */
async function account(replies: (key: string) => Reply): Promise<{ readonly upstream: ScriptedUpstream; readonly used: () => readonly string[] }> {
  const keyOf = (headers: string): string => /authorization: Bearer sk-(\S+)/.exec(headers)?.[1] ?? 'none';
  const upstream = await startScriptedUpstream(({ headers }) => {
    const { status, body = answer, headers: more = '' } = replies(keyOf(headers));
    return { pieces: [jsonResponse(status, body, more)], end: 'keep' };
  });
  onTestFinished(upstream.stop);
  return { upstream, used: () => upstream.seen.map(({ headers }) => keyOf(headers)) };
}

async function ask({ url }: TestGateway): Promise<{ readonly status: number; readonly retryAfter: string | null }> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await response.arrayBuffer();
  return { status: response.status, retryAfter: response.headers.get('retry-after') };
}

const refused = (status: number, code: string): Reply => ({ status, body: JSON.stringify({ error: { message: 'no', type: code, code } }) });

test.each([
  [401, 'invalid_api_key'],
  [403, 'permission_error'],
  [402, 'insufficient_balance'],
  [429, 'insufficient_quota'],
])('a key that gets a %i (%s) is set aside unseen, and its endpoint goes on with another', async (status, code) => {
  const { upstream, used } = await account((key) => (key === 'bad' ? refused(status, code) : { status: 200 }));
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, keys: [keyNamed('bad', { provisioned: true }), keyNamed('good')] }]);
  expect((await ask(gate)).status).toBe(200);
  expect((await ask(gate)).status).toBe(200);
  expect(used()).toEqual(['bad', 'good', 'good']);
  expect(gate.fleet.status()[0]?.state).toBe('ready');
  expect(gate.reports.join()).toMatch(/the key `bad` is set aside/);
  expect(gate.reports.join()).not.toContain('sk-');
});

test('when every key is refused, the endpoint waits for its operator, another one answers, and no client reads a 401', async () => {
  const { upstream, used } = await account(() => refused(401, 'invalid_api_key'));
  const other = await scripted({ pieces: [jsonResponse(200, answer)], end: 'keep' });
  const keys = [keyNamed('a'), keyNamed('b')];
  const alone = await gatewayOver([{ id: 'one', origin: upstream.origin, keys }]);
  expect(await ask(alone)).toMatchObject({ status: 502 });
  expect(used()).toEqual(['a', 'b']);
  expect(alone.fleet.status()[0]?.state).toBe('ejected');
  const both = await gatewayOver([
    { id: 'one', origin: upstream.origin, keys: [...keys] },
    { id: 'two', origin: other.origin },
  ]);
  for (let n = 0; n < 4; n += 1) expect((await ask(both)).status).toBe(200);
});

test('a rate limit of one key leaves the endpoint to the others', async () => {
  const { upstream, used } = await account((key) =>
    key === 'a' ? { status: 429, body: '{"error":{"message":"slow down"}}', headers: 'retry-after: 100\r\n' } : { status: 200 },
  );
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, keys: [keyNamed('a'), keyNamed('b')] }]);
  for (let n = 0; n < 3; n += 1) expect((await ask(gate)).status).toBe(200);
  expect(used()).toEqual(['a', 'b', 'b', 'b']);
});

test('a key that used up its room by its answer’s headers is not chosen before the reset', async () => {
  const headers = 'x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 10m\r\n';
  const { upstream, used } = await account((key) => ({ status: 200, ...(key === 'a' ? { headers } : {}) }));
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, keys: [keyNamed('a'), keyNamed('b')] }]);
  for (let n = 0; n < 4; n += 1) expect((await ask(gate)).status).toBe(200);
  expect(used()).toEqual(['a', 'b', 'b', 'b']);
});

test('declared limits are kept, and beyond them the client is told when to come again', async () => {
  const { upstream, used } = await account(() => ({ status: 200 }));
  const keys = [keyNamed('paid', { provisioned: true, requestsPerMinute: 2 }), keyNamed('more', { tokensPerMinute: 50 })];
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, keys }]);
  const answers = [];
  for (let n = 0; n < 20; n += 1) answers.push(await ask(gate));
  const served = answers.filter(({ status }) => status === 200).length;
  expect(used().slice(0, 3)).toEqual(['paid', 'paid', 'more']);
  expect(used()).toHaveLength(served);
  // Each answer used 6 tokens in the end; the last one had to fit with all that it might have used.
  expect(served).toBeGreaterThan(5);
  expect(6 * (served - 2)).toBeLessThanOrEqual(50);
  expect(answers.at(-1)?.status).toBe(429);
  expect(Number(answers.at(-1)?.retryAfter)).toBeGreaterThan(0);
});

test('an endpoint of another dialect gets each key in its own header, and its own headers of limits are read', async () => {
  const keyOf = (headers: string): string => /x-api-key: sk-(\S+)/.exec(headers)?.[1] ?? 'none';
  const limits =
    'date: Wed, 25 Nov 2026 08:00:00 GMT\r\nanthropic-ratelimit-requests-remaining: 0\r\nanthropic-ratelimit-requests-reset: 2026-11-25T08:10:00Z\r\n';
  const refusal = JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } });
  const upstream = await startScriptedUpstream(({ headers }) => {
    const key = keyOf(headers);
    const reply = key === 'bad' ? jsonResponse(401, refusal) : jsonResponse(200, messageWhole({ text: ['hello'] }), key === 'spent' ? limits : '');
    return { pieces: [reply], end: 'keep' };
  });
  onTestFinished(upstream.stop);
  const keys = [keyNamed('bad', { provisioned: true }), keyNamed('spent'), keyNamed('good')];
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, dialect: 'anthropic', profile: 'anthropic', keys }]);
  for (let n = 0; n < 3; n += 1) expect((await ask(gate)).status).toBe(200);
  expect(upstream.seen.map(({ headers }) => keyOf(headers))).toEqual(['bad', 'spent', 'good', 'good']);
});
