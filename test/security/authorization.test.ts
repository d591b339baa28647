import { expect, test } from 'vitest';
import { bodyRoutes } from './every-route.ts';
import { fuzzAuthorization } from './fuzz-authorization.ts';
import { gatewayOver, held, scripted } from '../support/started.ts';
import { jsonResponse } from '../support/scripted-upstream.ts';
import { postRaw } from '../support/read-answer.ts';
import { routes } from '../../src/gateway/routes.ts';

const key = 'correct-key-of-the-gateway';
const whole =
  '{"id":"c","object":"chat.completion","created":7,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}';

test('S4: 10,000 drawn Authorization headers are refused each, but for the key itself', { timeout: 180_000 }, async () => {
  const { gate } = await held({ keys: [key] });
  const seed = 6;
  const { sent, wrong, statuses } = await fuzzAuthorization(gate.url, key, 10_000, seed);
  expect(wrong.slice(0, 5), `npm run fuzz:authorization -- ${sent} ${seed}`).toEqual([]);
  expect(sent).toBeGreaterThanOrEqual(10_000);
  expect(statuses[401]).toBeGreaterThan(5000);
  expect(gate.reports).toEqual([]);
});

test('S3: a key is known whole: no beginning of it, and nothing that goes on behind it, is let in, before or after the key was seen', async () => {
  const { gate } = await held({ keys: [key] });
  const status = async (given: string): Promise<number> =>
    (await fetch(`${gate.url}/v1/models`, { headers: { authorization: `Bearer ${given}` } })).status;
  for (const round of ['before', 'after']) {
    for (let length = 1; length < key.length; length += 1) expect([round, length, await status(key.slice(0, length))]).toEqual([round, length, 401]);
    for (const more of ['x', '0', key]) expect(await status(key + more)).toBe(401);
    if (round === 'before') expect(await status(key)).toBe(200);
  }
});

/** What a gateway needs upstream, and nothing else. */
const ours = ['accept', 'accept-encoding', 'authorization', 'content-length', 'content-type', 'host', 'user-agent', 'x-request-id'];
const theirs: Readonly<Record<string, string>> = {
  'x-api-key': key,
  'api-key': 'client-api-key',
  'x-goog-api-key': 'client-goog-key',
  cookie: 'session=client-cookie',
  'openai-organization': 'client-organization',
  'openai-project': 'client-project',
  'anthropic-beta': 'client-beta',
  'x-stainless-lang': 'client-stainless',
  forwarded: 'for=client-forwarded',
  'x-forwarded-for': 'client-xff',
  'x-forwarded-host': 'client-xfh',
  'x-real-ip': 'client-ip',
  via: '1.1 client-via',
  'proxy-authorization': 'Basic client-proxy',
  referer: 'http://client-referer',
  'accept-language': 'client-language',
  traceparent: '00-client-trace',
  'x-anything': 'client-anything',
  'user-agent': 'client-agent',
};

test('S7: no header of a client’s reaches an endpoint, on any route; its key is the operator’s', async () => {
  const upstream = await scripted({ pieces: [jsonResponse(200, whole)], end: 'keep' });
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, key: 'sk-operator' }], { keys: [key] });
  for (const { path, body } of bodyRoutes) await postRaw(`${gate.url}${path}`, JSON.stringify(body), { authorization: `Bearer ${key}`, ...theirs });
  expect(upstream.seen.length).toBeGreaterThanOrEqual(5);
  for (const { headers } of upstream.seen) {
    const names = headers
      .split('\r\n')
      .slice(1)
      .map((line) => line.slice(0, line.indexOf(':')));
    expect(names.toSorted()).toEqual(ours);
    expect(headers).toContain('authorization: Bearer sk-operator');
    expect(headers).not.toMatch(/client|correct-key/);
  }
});

test.each([
  ['openai-compatible', 'openai', 'authorization: Bearer sk-operator'],
  ['azure', 'openai', 'api-key: sk-operator'],
  ['anthropic', 'anthropic', 'x-api-key: sk-operator'],
  ['gemini', 'gemini', 'x-goog-api-key: sk-operator'],
] as const)('S7: %s gets its key in the one header that it reads, and none of the client’s', async (profile, dialect, line) => {
  const upstream = await scripted({ pieces: [jsonResponse(500, '{}')], end: 'keep' });
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, key: 'sk-operator', profile, dialect }], { keys: [key] });
  await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify(bodyRoutes[0]?.body), { authorization: `Bearer ${key}`, ...theirs });
  const { headers } = upstream.seen[0] ?? { headers: '' };
  expect(headers).toContain(line);
  expect(headers.match(/sk-operator/g)).toHaveLength(1);
  expect(headers).not.toMatch(/client|correct-key/);
});

test('S25: every route of the API but those that are open asks for a key, whatever the method, whoever else is let in', async () => {
  const { gate } = await held({ keys: [key] });
  const open = routes.filter(({ access }) => access === 'open').map(({ path }) => path);
  expect(open.toSorted()).toEqual(['/', '/health', '/ready']);
  for (const { method, path } of routes) {
    const asked = `${gate.url}${path.replaceAll('*', 'x')}`;
    const body = method === 'POST' ? { body: '{}' } : {};
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { 'x-api-key': 'wrong' },
      { 'x-second-source-control': '1' },
      { cookie: `key=${key}` },
    ])
      expect([path, (await fetch(asked, { method, headers, ...body })).status === 401]).toEqual([path, !open.includes(path)]);
    expect((await fetch(`${asked}?key=${key}`, { method, ...body })).status === 401).toBe(!open.includes(path));
  }
});
