import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bodyRoutes } from './every-route.ts';
import { canaries, filesHolding, textsIn } from './canaries.ts';
import {
  chunk,
  event,
  jsonResponse,
  lastChunk,
  startScriptedUpstream,
  streamHead,
  type Script,
  type ScriptedUpstream,
} from '../support/scripted-upstream.ts';
import { controlRoutes } from '../../src/admin/routes/control-routes.ts';
import { postRaw } from '../support/read-answer.ts';
import { startProduct, type Product } from '../support/start-product.ts';
import { writeConfig, type WrittenConfig } from '../support/write-config.ts';

const { upstreamKey, clientKey, prompt, answer } = canaries;
const blurt = `the prompt was ${prompt}, the answer ${answer}, the key ${upstreamKey}, Authorization: Bearer ${upstreamKey}`;
const whole = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  created: 7,
  model: 'up',
  choices: [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
});
const delta = (content: string, finish: string | null): string =>
  JSON.stringify({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 7,
    model: 'up',
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  });
const begun = streamHead + chunk(event(delta(answer, null)));
const failed = (status: number, body: string, headers = ''): Script => ({ pieces: [jsonResponse(status, body, headers)], end: 'keep' });
const errorOf = (code: string): string => JSON.stringify({ error: { message: blurt, type: code, code, param: blurt } });

/** All that an endpoint may do with what it was told: answer, or blurt it out in every place that a failure has. */
const behaviours: readonly (readonly [string, Script])[] = [
  ['answers whole', { pieces: [jsonResponse(200, whole)], end: 'keep' }],
  ['answers in a stream', { pieces: [begun + chunk(event(delta('', 'stop')) + event('[DONE]')), lastChunk], end: 'keep' }],
  [
    'repeats all in its headers',
    {
      pieces: [jsonResponse(200, whole, `x-debug: ${blurt}\r\nset-cookie: k=${upstreamKey}\r\nx-ratelimit-remaining-requests: ${upstreamKey}\r\n`)],
      end: 'keep',
    },
  ],
  ...[400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529].map(
    (status) => [`fails with ${status}`, failed(status, errorOf('x'))] as const,
  ),
  ['names its key as the field', failed(400, JSON.stringify({ error: { message: 'no', type: upstreamKey, code: upstreamKey, param: upstreamKey } }))],
  ['names its key as the type', failed(429, JSON.stringify({ error: { message: 'no', type: upstreamKey, code: upstreamKey } }))],
  [
    'forges a line of the log',
    failed(
      500,
      JSON.stringify({ error: { message: 'x\r\nFORGED LINE \u001b[2J', type: 'x\r\nFORGED LINE', code: 'y\nFORGED LINE\u001b]0;t\u0007' } }),
    ),
  ],
  ['refuses content', failed(400, errorOf('content_filter'))],
  ['refuses a length', failed(400, errorOf('context_length_exceeded'))],
  ['fails in words', failed(500, blurt)],
  ['fails in a page', failed(502, `<html><title>${blurt}</title></html>`)],
  ['asks for time in words', failed(429, errorOf('rate_limit_exceeded'), `retry-after: ${upstreamKey}\r\n`)],
  ['sends it elsewhere', failed(307, '', `location: http://127.0.0.1:9/${upstreamKey}?${prompt}\r\n`)],
  ['breaks off at once', { pieces: [], end: 'rst' }],
  ['breaks off in the middle', { pieces: [begun], end: 'rst' }],
  ['ends in the middle', { pieces: [begun], end: 'fin' }],
  ['tells an error in the middle', { pieces: [begun + chunk(event(errorOf('x'))), lastChunk], end: 'keep' }],
  ['says what is no JSON', { pieces: [begun + chunk(event(`{${blurt}`)), lastChunk], end: 'keep' }],
  ['says what is no event', { pieces: [begun + chunk(`${blurt}\n\n`), lastChunk], end: 'keep' }],
  ['says what is no HTTP', { pieces: [`${blurt}\r\n\r\n`], end: 'fin' }],
  ['has a head that is none', { pieces: [`HTTP/1.1 200 OK\r\n${blurt}\r\nx y: 1\r\n\r\n`], end: 'fin' }],
  ['frames its body wrongly', { pieces: [`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${blurt}\r\n`], end: 'fin' }],
];

let behaviour: Script = behaviours[0]?.[1] ?? { pieces: [], end: 'rst' };
let upstream: ScriptedUpstream;
let config: WrittenConfig;
let product: Product;
const secrets = mkdtempSync(join(tmpdir(), 'canary-secrets-'));

beforeAll(async () => {
  upstream = await startScriptedUpstream(({ path }) => (path.endsWith('/models') ? failed(200, '{"data":[]}') : behaviour));
  for (const [name, secret] of Object.entries(canaries)) writeFileSync(join(secrets, name), secret, { mode: 0o600 });
  config = writeConfig(
    upstream.origin,
    { ttftTimeoutMs: 2000, stallTimeoutMs: 1000, parkedWaitMs: 0, attemptsPerRequest: 1 },
    {
      listen: { port: 0, keys: [`file:${join(secrets, 'clientKey')}`] },
      control: { port: 0 },
      endpoints: [
        { id: 'one', url: `${upstream.origin}/v1`, key: `file:${join(secrets, 'upstreamKey')}`, passUnknownFields: true, models: [{ name: 'm' }] },
      ],
      health: { ejectionMs: 1, longestEjectionMs: 1, setAsideMs: 1, longestSetAsideMs: 1 },
      storedResponses: { enabled: true },
    },
  );
  product = await startProduct(['up', '--config', config.path]);
});

afterAll(async () => {
  await product.stop();
  await upstream.stop();
  config.remove();
  rmSync(secrets, { recursive: true });
});

const asClient = { authorization: `Bearer ${clientKey}` };

function bodiesFor({ path, body }: (typeof bodyRoutes)[number]): readonly string[] {
  const asked = JSON.stringify({ ...body, ...(path.includes('count') || path.includes('tokens') ? {} : { user: prompt }) }).replace(
    '"hi"',
    `"${prompt}"`,
  );
  const generating = !path.includes('embeddings') && !path.includes('count') && !path.includes('tokens');
  return generating ? [asked, asked.replace('{', '{"stream":true,')] : [asked];
}

test(
  'S5, S31: whatever an endpoint does, no byte to a client holds its key, and nobody’s prompt comes back by the control API',
  { timeout: 120_000 },
  async () => {
    const leaks: string[] = [];
    let asked = 0;
    for (const [name, script] of behaviours) {
      behaviour = script;
      for (const route of bodyRoutes)
        for (const body of bodiesFor(route)) {
          asked += 1;
          const heard = await postRaw(`${product.url}${route.path}`, body, { ...asClient, 'idempotency-key': `${asked}` }).catch((error: Error) => ({
            text: String(error),
            headers: {},
          }));
          const leaked = textsIn(JSON.stringify(heard), [upstreamKey, clientKey]);
          if (leaked.length > 0) leaks.push(`${route.path}, whose endpoint ${name}: ${leaked.join()}: ${heard.text.slice(0, 300)}`);
        }
    }
    // What is wrong with a request is told without a word of it.
    for (const { path } of bodyRoutes)
      for (const bad of [
        `{"${prompt}":1}`,
        `{"model":"${prompt}"`,
        prompt,
        `{"model":"m","messages":"${prompt}","input":{"a":"${prompt}"},"prompt":{"a":"${prompt}"}}`,
        `{"model":{"${prompt}":1}}`,
      ]) {
        const { text } = await postRaw(`${product.url}${path}`, bad, asClient);
        if (textsIn(text.replaceAll(`"param":"${prompt}"`, '').replaceAll(`\`${prompt}\``, ''), [prompt]).length > 0)
          leaks.push(`${path} quotes ${bad}: ${text}`);
      }
    for (const key of ['wrong', upstreamKey, `${clientKey}x`, clientKey.slice(1)]) {
      const { text } = await postRaw(`${product.url}/v1/chat/completions`, '{}', { authorization: `Bearer ${key}` });
      if (textsIn(text, [key, ...Object.values(canaries)]).length > 0) leaks.push(`a refused key is quoted: ${text}`);
    }
    for (const path of ['/health', '/ready', '/v1/models']) {
      const answered = await fetch(`${product.url}${path}`, { headers: asClient });
      if (textsIn((await answered.text()) + JSON.stringify([...answered.headers]), Object.values(canaries)).length > 0) leaks.push(path);
    }
    for (const { method, path } of controlRoutes) {
      if (method !== 'GET' || path.includes('*') || path.endsWith('/events')) continue;
      const answered = await fetch(`${product.controlUrl}${path}`, { headers: { 'x-second-source-control': '1' } });
      const text = await answered.text();
      const leaked = textsIn(text + JSON.stringify([...answered.headers]), Object.values(canaries));
      if (leaked.length > 0) leaks.push(`GET ${path}: ${leaked.join()}: ${text.slice(0, 300)}`);
    }
    expect(leaks).toEqual([]);
    expect(asked).toBeGreaterThan(300);
  },
);

test('S5, S31, S32: neither what the process says nor any file of its state holds a key, a prompt or an answer', async () => {
  product.signal('SIGTERM');
  await product.ended;
  expect(textsIn(product.output(), Object.values(canaries)), product.output()).toEqual([]);
  // Lines are ours alone: what an endpoint says begins none, and commands no terminal.
  expect(product.output()).not.toMatch(/^FORGED/m);
  expect(product.output().replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  expect(filesHolding(config.ledgerDirectory, Object.values(canaries))).toEqual([]);
  // The search itself would find them.
  expect(filesHolding(secrets, Object.values(canaries))).toHaveLength(4);
});
