import { expect, test } from 'vitest';
import { asTenant, authenticateTwo } from './two-tenants.ts';
import { chatChunks } from '../support/numbered-answer.ts';
import { chunk, event, lastChunk, streamHead, type Script, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { gatewayOver, scripted } from '../support/started.ts';
import { postRaw } from '../support/read-answer.ts';
import { startCountingEngine } from '../support/counting-engine.ts';
import { tenantMarksBy } from '../../src/upstream/tenant-marks.ts';
import { onTestFinished } from 'vitest';
import type { TestEndpoint } from '../support/test-fleet.ts';

const plain = chatChunks(false);
const whole: Script = {
  pieces: [streamHead, chunk(plain.role + plain.content(1) + plain.finish + event('[DONE]')), lastChunk],
  end: 'keep',
};
const secret = Buffer.from('a secret of this test');
const tenantMark = tenantMarksBy(secret);
const asked = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] };

/** What an endpoint is sent for a request of each tenant. */
async function sentFor(endpoint: Partial<TestEndpoint>, body: unknown, path = '/v1/chat/completions'): Promise<Record<'anna' | 'bert', string>> {
  const upstream = await scripted(whole);
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, ...endpoint }], { authenticate: authenticateTwo, tenantMark });
  for (const tenant of ['anna', 'bert'] as const) await postRaw(`${gate.url}${path}`, JSON.stringify(body), asTenant(tenant));
  return { anna: upstream.seen[0]?.body ?? '', bert: upstream.seen[1]?.body ?? '' };
}

test.each(['vllm', 'sglang'])('S22: %s is sent a salt for each tenant, which says nothing of who it is', async (profile) => {
  const sent = await sentFor({ profile }, asked);
  const salts = [sent.anna, sent.bert].map((body) => JSON.parse(body).cache_salt);
  expect(salts).toEqual([tenantMark('anna').salt, tenantMark('bert').salt]);
  expect(salts[0]).not.toBe(salts[1]);
  for (const salt of salts) expect(salt).toMatch(/^[\w-]{32}$/);
  expect(sent.anna).not.toContain('anna');
  // All else is as it would be without: the salt stands at the end.
  expect(sent.anna.replace(String(salts[0]), '')).toBe(sent.bert.replace(String(salts[1]), ''));
  expect(sent.anna).toMatch(/,"cache_salt":"[\w-]{32}"\}$/);
});

test('S22: a client’s own salt is refused, so that none can read another tenant’s cache', async () => {
  expect(await sentFor({ profile: 'vllm' }, { ...asked, cache_salt: tenantMark('bert').salt })).toEqual({ anna: '', bert: '' });
});

test('S22: a continuation by token ids, and raw completions, meet the cache of the same tenant', async () => {
  const engines: ScriptedUpstream[] = [];
  for (const cut of [{ tokens: 3, how: 'rst' }, undefined] as const) {
    const engine = await startCountingEngine(...(cut === undefined ? [] : [cut]));
    onTestFinished(engine.stop);
    engines.push(engine);
  }
  const entries = engines.map(({ origin }, index) => ({ id: `e${index}`, origin, tokenIds: true, profile: 'vllm' }));
  const gate = await gatewayOver(entries, { authenticate: authenticateTwo, tenantMark });
  await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ ...asked, temperature: 0 }), asTenant('anna'));
  expect(engines.map(({ seen }) => JSON.parse(seen[0]?.body ?? '{}').cache_salt)).toEqual([tenantMark('anna').salt, tenantMark('anna').salt]);
  expect(engines[1]?.seen[0]?.path).toBe('/v1/completions');
});

test.each(['openai', 'azure'])('S22: %s is told digests for the names of tenants and their users, never the names', async (profile) => {
  const named = { ...asked, user: 'user-of-client', safety_identifier: 'person-7', prompt_cache_key: 'cache-name' };
  const sent = await sentFor({ profile }, named);
  for (const body of [sent.anna, sent.bert]) expect(body).not.toMatch(/anna|bert|user-of-client|person-7|cache-name/);
  const [anna, bert] = [sent.anna, sent.bert].map((body) => JSON.parse(body));
  for (const name of ['user', 'safety_identifier', 'prompt_cache_key']) {
    expect(anna[name]).toMatch(/^[\w-]{32}$/);
    expect(anna[name]).not.toBe(bert[name]);
  }
  const unnamed = await sentFor({ profile }, { ...asked, user: null });
  expect(JSON.parse(unnamed.anna)).toMatchObject({ prompt_cache_key: tenantMark('anna').salt, user: null });
  expect(JSON.parse(unnamed.anna)).not.toHaveProperty('safety_identifier');
});

test('S22: Anthropic is told a digest for the client’s user', async () => {
  const upstream = await scripted(whole);
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, profile: 'anthropic', dialect: 'anthropic' }], {
    authenticate: authenticateTwo,
    tenantMark,
  });
  await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ ...asked, user: 'user-of-client' }), asTenant('anna'));
  expect(JSON.parse(upstream.seen[0]?.body ?? '{}').metadata.user_id).toMatch(/^[\w-]{32}$/);
});

test('S22: an endpoint that has no word for it gets the client’s bytes, and so does every one where there is one tenant alone', async () => {
  const body = { ...asked, user: 'user-of-client' };
  expect((await sentFor({}, body)).anna).toContain('"user":"user-of-client"');
  expect((await sentFor({}, body)).anna).not.toMatch(/cache_salt|prompt_cache_key/);
  const upstream = await scripted(whole);
  const alone = await gatewayOver([{ id: 'one', origin: upstream.origin, profile: 'vllm' }]);
  await postRaw(`${alone.url}/v1/chat/completions`, JSON.stringify(body));
  expect(upstream.seen[0]?.body).not.toContain('cache_salt');
});

test('S22: a mark is the same for the same tenant, another under another secret, and never holds what it hides', () => {
  const other = tenantMarksBy(Buffer.from('another secret'));
  expect(tenantMark('anna')).toBe(tenantMark('anna'));
  expect(tenantMarksBy(secret)('anna').salt).toBe(tenantMark('anna').salt);
  expect(other('anna').salt).not.toBe(tenantMark('anna').salt);
  expect(tenantMark('anna').hidden('x')).toBe(tenantMark('anna').hidden('x'));
  const seen = new Set(['anna', 'bert'].flatMap((tenant) => ['', 'x', 'y'].map((name) => tenantMark(tenant).hidden(name))));
  expect(seen.size).toBe(6);
});
