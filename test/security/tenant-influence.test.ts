import { expect, test } from 'vitest';
import { asTenant, authenticateTwo } from './two-tenants.ts';
import { gatewayOver } from '../support/started.ts';
import { jsonResponse, startScriptedUpstream, type Script } from '../support/scripted-upstream.ts';
import { onTestFinished } from 'vitest';
import { postRaw } from '../support/read-answer.ts';

const answer =
  '{"id":"c","object":"chat.completion","created":7,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}';
const good: Script = { pieces: [jsonResponse(200, answer)], end: 'keep' };
const refused = (status: number, code: string): Script => ({
  pieces: [jsonResponse(status, JSON.stringify({ error: { message: 'no', type: 'invalid_request_error', code } }))],
  end: 'keep',
});

test.each([
  ['is wrong', refused(400, 'invalid_value')],
  ['is too long', refused(400, 'context_length_exceeded')],
  ['is against the endpoint’s policy', refused(400, 'content_policy_violation')],
  ['is too large', refused(413, 'request_too_large')],
  ['cannot be processed', refused(422, 'invalid_value')],
])('S23: a tenant whose every request %s takes no endpoint from another tenant', async (_what, script) => {
  const upstreams = [];
  for (let index = 0; index < 2; index += 1) {
    const upstream = await startScriptedUpstream(({ body }) => (body.includes('of Anna') ? script : good));
    onTestFinished(upstream.stop);
    upstreams.push(upstream);
  }
  const gate = await gatewayOver(
    upstreams.map(({ origin }, index) => ({ id: `e${index}`, origin })),
    { authenticate: authenticateTwo },
  );
  const ask = (tenant: 'anna' | 'bert', text: string): ReturnType<typeof postRaw> =>
    postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ model: 'm', messages: [{ role: 'user', content: text }] }), asTenant(tenant));
  for (let n = 0; n < 60; n += 1) expect((await ask('anna', 'of Anna')).status).toBeGreaterThanOrEqual(400);
  expect(gate.fleet.status().map(({ state }) => state)).toEqual(['ready', 'ready']);
  const served = new Set<unknown>();
  for (let n = 0; n < 10; n += 1) {
    const heard = await ask('bert', 'of Bert');
    expect(heard.status).toBe(200);
    expect(heard.headers['x-second-source-attempts']).toBe('1');
    served.add(heard.headers['x-second-source-endpoint']);
  }
  expect(served.size).toBe(2);
});
