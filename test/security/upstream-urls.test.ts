import { createServer, type AddressInfo } from 'node:net';
import { beforeAll, afterAll, expect, test } from 'vitest';
import { bodyRoutes } from './every-route.ts';
import { jsonResponse, startScriptedUpstream, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { postRaw } from '../support/read-answer.ts';
import { routes } from '../../src/gateway/routes.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const answer =
  '{"id":"c","object":"chat.completion","created":7,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}';

/** Whoever the gateway might be turned to: it counts who connects. */
let visitors = 0;
const canary = createServer((socket) => {
  visitors += 1;
  socket.destroy();
});
let elsewhere = '';
let upstream: ScriptedUpstream;
let gate: TestGateway;

beforeAll(async () => {
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = canary.address();
  elsewhere = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  upstream = await startScriptedUpstream(() => ({ pieces: [jsonResponse(200, answer)], end: 'keep' }));
  // An endpoint that takes any field is the widest door there is.
  gate = await startTestGateway([{ id: 'one', origin: upstream.origin, key: 'sk-upstream', passUnknownFields: true }]);
});

afterAll(async () => {
  await gate.stop();
  await upstream.stop();
  await new Promise((resolve) => canary.close(resolve));
});

const names = ['api_base', 'base_url', 'user_config', 'custom_host', 'proxy', 'extra_headers', 'api_key', 'http_proxy', 'default_headers'];
const spellings: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.replaceAll(/_(.)/g, (_all, letter: string) => letter.toUpperCase()),
  (name) => name.replaceAll('_', '-'),
  (name) => name.toUpperCase(),
];
type Place = (fields: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
const places: readonly Place[] = [
  (fields) => fields,
  (fields) => ({ metadata: { deep: [{ er: fields }] } }),
  (fields) => ({ whatever: [[fields]] }),
  (fields) => ({ tools: [{ type: 'function', function: { name: 'f', parameters: {}, ...fields } }] }),
  (fields) => ({ user_location: { a: { b: { c: { d: fields } } } } }),
];

test('S8: where a request goes is nobody’s to say but the operator’s: every such name is refused on every route, at any depth, in any spelling', async () => {
  const before = upstream.seen.length;
  const passed: string[] = [];
  for (const { path, body } of bodyRoutes)
    for (const name of names)
      for (const spell of spellings)
        for (const place of places) {
          const said = place({ [spell(name)]: name === 'user_config' ? { api_base: elsewhere } : elsewhere });
          const { status } = await postRaw(`${gate.url}${path}`, JSON.stringify({ ...body, ...said }));
          if (status !== 400) passed.push(`${path} ${JSON.stringify(said)}: ${status}`);
        }
  expect(passed).toEqual([]);
  expect(upstream.seen.length).toBe(before);
  expect(visitors).toBe(0);
});

test('S8: what a tool was told, and what it calls its parameters, is the user’s own, whatever the names', async () => {
  const schema = { type: 'object', properties: { proxy: { type: 'string' }, base_url: { type: 'string' } } };
  const input = { base_url: 'x', deep: { api_base: 'y' } };
  const messages = [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: '{"proxy":"z"}' }] },
  ];
  const bodies = {
    '/v1/messages': { max_tokens: 5, messages, tools: [{ name: 'f', input_schema: schema }] },
    '/v1/responses': { input: 'hi', tools: [{ type: 'function', name: 'f', parameters: schema }] },
    '/v1/chat/completions': {
      messages: [{ role: 'user', content: 'hi' }],
      tools: [{ type: 'function', function: { name: 'f', parameters: schema } }],
    },
  };
  for (const [path, body] of Object.entries(bodies))
    expect([path, (await postRaw(`${gate.url}${path}`, JSON.stringify({ model: 'm', ...body }))).status]).toEqual([path, 200]);
});

test('S8: every route that takes a body is gone over', () => {
  const posts = routes.filter(({ method, path }) => method === 'POST' && !path.includes('*')).map(({ path }) => path);
  expect(bodyRoutes.map(({ path }) => path).toSorted()).toEqual(posts.toSorted());
});

test('S8: neither a header nor the query nor the target turns a request elsewhere', async () => {
  const body = JSON.stringify(bodyRoutes[0]?.body);
  const headers = {
    'x-portkey-custom-host': elsewhere,
    'x-api-base': elsewhere,
    'x-base-url': elsewhere,
    'x-forwarded-host': elsewhere.slice('http://'.length),
    forwarded: `host=${elsewhere}`,
    'x-original-url': elsewhere,
    'x-rewrite-url': elsewhere,
    'helicone-target-url': elsewhere,
  };
  expect((await postRaw(`${gate.url}/v1/chat/completions?api_base=${elsewhere}&base_url=${elsewhere}`, body, headers)).status).toBe(200);
  for (const path of [`/v1/proxy/${elsewhere}`, `/proxy?url=${elsewhere}`, `//${elsewhere.slice(7)}/v1/models`, `/v1/chat/completions/../models`])
    expect((await postRaw(`${gate.url}${path}`, body)).status).not.toBe(200);
  expect(visitors).toBe(0);
  expect(upstream.seen.at(-1)?.headers).not.toContain(elsewhere.slice(7));
});

test('S12: the address of a picture is passed on as it came and fetched by nobody here', async () => {
  const part = { type: 'image_url', image_url: { url: `${elsewhere}/picture.png` } };
  const said = await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ model: 'm', messages: [{ role: 'user', content: [part] }] }));
  expect(said.status).toBe(200);
  expect(upstream.seen.at(-1)?.body).toContain(`${elsewhere}/picture.png`);
  const block = { type: 'image', source: { type: 'url', url: `${elsewhere}/picture.png` } };
  await postRaw(`${gate.url}/v1/messages`, JSON.stringify({ model: 'm', max_tokens: 5, messages: [{ role: 'user', content: [block] }] }));
  expect(upstream.seen.at(-1)?.body).toContain(`${elsewhere}/picture.png`);
  const item = { role: 'user', content: [{ type: 'input_image', image_url: `${elsewhere}/picture.png` }] };
  await postRaw(`${gate.url}/v1/responses`, JSON.stringify({ model: 'm', input: [item] }));
  expect(upstream.seen.at(-1)?.body).toContain(`${elsewhere}/picture.png`);
  expect(visitors).toBe(0);
});

test.each(['file:///etc/passwd', 'FILE:///etc/passwd', 'ftp://a.example/x', 'gopher://a.example', '/etc/passwd', ' http://a.example', 'blob:x'])(
  'S12: a picture at %j is refused on every route, since an engine might open it',
  async (url) => {
    const bodies = {
      '/v1/chat/completions': { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] },
      '/v1/messages': { max_tokens: 5, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url } }] }] },
      '/v1/responses': { input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }] },
    };
    for (const [path, body] of Object.entries(bodies))
      expect([path, (await postRaw(`${gate.url}${path}`, JSON.stringify({ model: 'm', ...body }))).status]).toEqual([path, 400]);
  },
);
