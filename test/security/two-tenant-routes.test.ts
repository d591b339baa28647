import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { asTenant, authenticateTwo } from './two-tenants.ts';
import { bodyRoutes } from './every-route.ts';
import { gatewayOver } from '../support/started.ts';
import { jsonResponse, startScriptedUpstream, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { onTestFinished } from 'vitest';
import { postRaw } from '../support/read-answer.ts';
import { routes } from '../../src/gateway/routes.ts';
import type { TestGateway } from '../support/test-gateway.ts';

/** An endpoint whose answer depends on nothing but what it was asked, so that any difference is the gateway's. */
async function started(): Promise<{ readonly gate: TestGateway; readonly upstream: ScriptedUpstream }> {
  const upstream = await startScriptedUpstream(({ path, body }) => {
    const said = createHash('sha256').update(body).digest('hex').slice(0, 12);
    const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
    const answer = path.endsWith('/embeddings')
      ? { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [said.length] }], usage }
      : {
          id: 'c',
          object: 'chat.completion',
          created: 7,
          model: 'up',
          choices: [{ index: 0, message: { role: 'assistant', content: said }, text: said, finish_reason: 'stop' }],
          usage,
        };
    return { pieces: [jsonResponse(200, JSON.stringify(answer))], end: 'keep' };
  });
  onTestFinished(upstream.stop);
  return { gate: await gatewayOver([{ id: 'one', origin: upstream.origin }], { authenticate: authenticateTwo, storedResponses: {} }), upstream };
}

/** What changes from one request to the next whoever asks: ids, times, counters. */
function comparable({ status, text, headers }: { status: number; text: string; headers: object }): unknown {
  const body = text
    .replaceAll(/\b(?:req|resp|msg|fc|rs|item|id)_?id?\d+[\w]*/g, 'ID')
    .replaceAll(/"(?:overhead_ms|created_at|completed_at|created|ttft_ms)":[\d.]+/g, '"time":0');
  const kept = Object.entries(headers).filter(
    ([name]) => !/^(?:date|server-timing|x-request-id|request-id|x-second-source-overhead-ms|content-length)$/.test(name),
  );
  return { status, body, headers: Object.fromEntries(kept) };
}

async function askAll(gate: TestGateway, tenant: 'anna' | 'bert', text: string): Promise<readonly unknown[]> {
  const heard: unknown[] = [];
  for (const { path, body } of bodyRoutes) {
    const asked = JSON.stringify(body).replace('"hi"', JSON.stringify(text));
    for (const headers of [{}, { 'idempotency-key': 'the same key' }])
      heard.push(comparable(await postRaw(`${gate.url}${path}`, asked, { ...asTenant(tenant), ...headers })));
  }
  for (const { method, path } of routes) {
    if (method === 'POST') continue;
    const answered = await fetch(`${gate.url}${path.replaceAll('*', 'm')}`, { method, headers: asTenant(tenant) });
    heard.push(comparable({ status: answered.status, text: await answered.text(), headers: Object.fromEntries(answered.headers) }));
  }
  return heard;
}

test('S21: on every route a tenant hears the same whether another asked the same before, something else, or nothing', async () => {
  const alone = await askAll((await started()).gate, 'bert', 'hi');
  for (const text of ['hi', 'something else']) {
    const { gate } = await started();
    await askAll(gate, 'anna', text);
    expect(await askAll(gate, 'bert', 'hi')).toEqual(alone);
  }
});

test('S21: no answer is kept for whoever asks next: the same question goes to the endpoint again, for the same tenant as well', async () => {
  const { gate, upstream } = await started();
  const body = JSON.stringify(bodyRoutes[0]?.body);
  for (const tenant of ['anna', 'anna', 'bert', 'bert'] as const) await postRaw(`${gate.url}/v1/chat/completions`, body, asTenant(tenant));
  expect(upstream.seen).toHaveLength(4);
});

test('S21: an idempotency key belongs to its tenant: another’s is neither attached to, nor given again, nor told of', async () => {
  const { gate, upstream } = await started();
  const key = { 'idempotency-key': 'order-7' };
  const body = JSON.stringify(bodyRoutes[0]?.body);
  const other = JSON.stringify({ ...bodyRoutes[0]?.body, temperature: 1 });
  await postRaw(`${gate.url}/v1/chat/completions`, body, { ...asTenant('anna'), ...key });
  const hers = await postRaw(`${gate.url}/v1/chat/completions`, body, { ...asTenant('bert'), ...key });
  expect(hers.headers['idempotent-replayed']).toBeUndefined();
  expect(upstream.seen).toHaveLength(2);
  // Another body under the key that is now Bert's: he is told so; Anna's third body is judged by her own first.
  expect((await postRaw(`${gate.url}/v1/chat/completions`, other, { ...asTenant('bert'), ...key })).status).toBe(422);
  expect((await postRaw(`${gate.url}/v1/chat/completions`, body, { ...asTenant('anna'), ...key })).headers['idempotent-replayed']).toBe('true');
});

test('S24: a response that another tenant keeps is not there: on every route it is told in the same words as one that never was', async () => {
  const { gate, upstream } = await started();
  const created = await postRaw(`${gate.url}/v1/responses`, JSON.stringify({ model: 'm', input: 'hi' }), asTenant('anna'));
  const { id } = JSON.parse(created.text);
  const withId = routes.filter(({ path }) => path.startsWith('/v1/responses/*'));
  expect(withId).toHaveLength(4);
  const before = upstream.seen.length;
  for (const { method, path } of withId) {
    const ask = async (named: string): Promise<unknown> => {
      const answered = await fetch(`${gate.url}${path.replace('*', named)}`, { method, headers: asTenant('bert') });
      return { status: answered.status, text: (await answered.text()).replaceAll(named, 'ID'), retry: answered.headers.get('x-should-retry') };
    };
    const foreign = await ask(id);
    // Nothing can be cancelled, whoever asks.
    expect(foreign).toMatchObject({ status: path.endsWith('/cancel') ? 400 : 404 });
    expect(foreign).toEqual(await ask('resp_id9999'));
  }
  const onward = async (named: string): Promise<unknown> => {
    const { status, text } = await postRaw(
      `${gate.url}/v1/responses`,
      JSON.stringify({ model: 'm', input: 'on', previous_response_id: named }),
      asTenant('bert'),
    );
    return { status, text: text.replaceAll(named, 'ID') };
  };
  expect(await onward(id)).toEqual(await onward('resp_id9999'));
  expect(await onward(id)).toMatchObject({ status: 404 });
  expect(upstream.seen.length).toBe(before);
  // It is still its owner's.
  expect((await fetch(`${gate.url}/v1/responses/${id}`, { headers: asTenant('anna') })).status).toBe(200);
});

test('S14: two tenants on one kept connection whose server sends a second answer: the second never hears it', async () => {
  const good = (text: string): string =>
    jsonResponse(
      200,
      `{"id":"c","object":"chat.completion","created":7,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"${text}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`,
    );
  const upstream = await startScriptedUpstream(({ body }) => ({
    pieces: [body.includes('of Anna') ? good('for Anna') + good('SECRET OF ANNA') : good('for Bert')],
    end: 'keep',
  }));
  onTestFinished(upstream.stop);
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin }], { authenticate: authenticateTwo });
  for (let round = 0; round < 20; round += 1) {
    const ask = (tenant: 'anna' | 'bert', text: string): Promise<{ text: string }> =>
      postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ model: 'm', messages: [{ role: 'user', content: text }] }), asTenant(tenant));
    expect((await ask('anna', 'of Anna')).text).toContain('for Anna');
    const heard = await ask('bert', 'of Bert');
    expect(heard.text).toContain('for Bert');
    expect(heard.text).not.toContain('SECRET');
  }
});
