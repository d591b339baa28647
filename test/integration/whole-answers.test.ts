import { afterEach, expect, test } from 'vitest';
import { chunk, jsonResponse, lastChunk, startScriptedUpstream, type Script, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { postRaw, type RawAnswer } from '../support/read-answer.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const running: { stop: () => Promise<void> }[] = [];
const ask = '{ "model":"m", "messages":[{"role":"user","content":"hi"}], "seed":12345678901234567890 }';
const good =
  '{ "id":"x", "model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"h\\u00e9"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}, "big":1e400 }';
const whole: Script = { pieces: [jsonResponse(200, good)], end: 'keep' };
const price = { inputUsdPerMtok: 1, cachedInputUsdPerMtok: 0.5, outputUsdPerMtok: 10 };

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

async function answerOf(
  scripts: readonly Script[],
  path = 'chat/completions',
  body = ask,
): Promise<{ answer: RawAnswer; gate: TestGateway; upstreams: readonly ScriptedUpstream[] }> {
  const upstreams = await Promise.all(scripts.map((script) => startScriptedUpstream(() => script)));
  const gate = await startTestGateway(upstreams.map(({ origin }, index) => ({ id: `e${index}`, origin, price })));
  running.push(...upstreams, gate);
  return { answer: await postRaw(`${gate.url}/v1/${path}`, body), gate, upstreams };
}

test('a whole answer passes byte for byte, with the model named as asked, provenance, and one charge at its price', async () => {
  const { answer, gate, upstreams } = await answerOf([whole]);
  expect(answer.status).toBe(200);
  expect(answer.text).toMatch(/^\{ "id":"x", "model":"m","choices":\[\{"index":0,"message":\{"role":"assistant","content":"h\\u00e9"\}.*"big":1e400/);
  expect(JSON.parse(answer.text.replace('1e400', '1')).second_source).toMatchObject({
    attempts: 1,
    segments: [{ endpoint: 'e0', output_tokens: 2, characters: 2 }],
  });
  expect(upstreams[0]?.seen[0]?.body).toBe('{ "model":"up", "messages":[{"role":"user","content":"hi"}], "seed":12345678901234567890 }');
  expect(gate.charges).toMatchObject([
    { outcome: 'ok', usage: { inputTokens: 4, outputTokens: 2, source: 'upstream' }, chargeUsd: (4 * 1 + 2 * 10) / 1e6 },
  ]);
});

test('a request that names the model as its endpoint does passes byte for byte, and so does an answer but for our own member', async () => {
  const named = good.replace('"model":"up"', '"model":"m"');
  const upstream = await startScriptedUpstream(() => ({ pieces: [jsonResponse(200, named)], end: 'keep' }));
  const gate = await startTestGateway([{ id: 'e0', origin: upstream.origin, upstreamModel: 'm' }]);
  running.push(upstream, gate);
  const answer = await postRaw(`${gate.url}/v1/chat/completions`, ask);
  expect(upstream.seen[0]?.body).toBe(ask);
  expect(answer.text.startsWith(named.slice(0, named.lastIndexOf(' }')))).toBe(true);
  expect(answer.text).toMatch(/"big":1e400,"second_source":\{.*\} \}$/);
});

test('an answer that tells a source of its own, as another gateway of this kind does, tells ours instead', async () => {
  const told = good.replace('{ "id":"x"', '{ "second_source":{"segments":[]}, "id":"x"').replace('"model":"up"', '"model":"m"');
  const { answer } = await answerOf([{ pieces: [jsonResponse(200, told)], end: 'keep' }]);
  expect(answer.text.match(/"second_source"/g)).toHaveLength(1);
  expect(JSON.parse(answer.text.replace('1e400', '1')).second_source.segments).toMatchObject([{ endpoint: 'e0' }]);
});

test.each<[string, Script]>([
  ['a body cut short', { pieces: ['HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"choices":['], end: 'fin' }],
  [
    'a body whose length is a lie',
    { pieces: [`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n${good}`], end: 'keep' },
  ],
  ['a cut inside a chunked body', { pieces: ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', chunk(good.slice(0, 40))], end: 'rst' }],
  ['a body that ends with its connection, too early', { pieces: ['HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n', good.slice(0, 60)], end: 'fin' }],
  ['no choices', { pieces: [jsonResponse(200, '{"choices":[]}')], end: 'keep' }],
  ['a choice without a finish reason', { pieces: [jsonResponse(200, '{"choices":[{"message":{"content":"x"}}]}')], end: 'keep' }],
  ['an error in a 200', { pieces: [jsonResponse(200, '{"error":{"message":"no"},"choices":[]}')], end: 'keep' }],
  [
    'a tool call cut in its arguments',
    {
      pieces: [
        jsonResponse(
          200,
          '{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":"{\\"a\\":"}}]},"finish_reason":"tool_calls"}]}',
        ),
      ],
      end: 'keep',
    },
  ],
  ['two lengths', { pieces: [`HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: ${good.length}\r\n\r\n${good}`], end: 'keep' }],
])('%s fails over unseen', async (_name, script) => {
  const { answer, gate } = await answerOf([script, whole]);
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({ 'x-second-source-endpoint': 'e1', 'x-second-source-attempts': '2' });
  expect(gate.charges).toHaveLength(1);
  expect(gate.closed.map(({ state }) => state)[1]).toBe('S');
});

test('S14: a kept connection that sends a second response never gives it to another request', async () => {
  const leak = jsonResponse(200, good) + jsonResponse(200, good.replace('h\\u00e9', 'SECRET OF ANOTHER'));
  const upstream = await startScriptedUpstream((_request, index) => ({ pieces: [index === 0 ? leak : jsonResponse(200, good)], end: 'keep' }));
  const gate = await startTestGateway([{ id: 'one', origin: upstream.origin }]);
  running.push(upstream, gate);
  for (let n = 0; n < 5; n += 1) expect((await postRaw(`${gate.url}/v1/chat/completions`, ask)).text).not.toContain('SECRET');
});

test('embeddings and raw completions take the same path', async () => {
  const embedding = '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1]}],"usage":{"prompt_tokens":3,"total_tokens":3}}';
  const embedded = await answerOf([{ pieces: [jsonResponse(200, embedding)], end: 'keep' }], 'embeddings', '{"model":"m","input":"x"}');
  expect(JSON.parse(embedded.answer.text).data).toHaveLength(1);
  expect(embedded.gate.charges).toMatchObject([{ route: 'embeddings', usage: { inputTokens: 3, outputTokens: 0 } }]);
  const text = '{"choices":[{"index":0,"text":"abc","finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}';
  const completed = await answerOf(
    [{ pieces: ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', chunk(text), lastChunk], end: 'keep' }],
    'completions',
    '{"model":"m","prompt":[1,2,3]}',
  );
  expect(JSON.parse(completed.answer.text)).toMatchObject({ choices: [{ text: 'abc' }], second_source: { segments: [{ characters: 3 }] } });
});

test('in a full outage the tries of all requests stay within the budget, and the first thirty are never turned away', async () => {
  const down: Script = { pieces: [jsonResponse(503, '{"error":{}}')], end: 'keep' };
  const upstreams = await Promise.all([down, down, down].map((script) => startScriptedUpstream(() => script)));
  const gate = await startTestGateway(upstreams.map(({ origin }, index) => ({ id: `e${index}`, origin })));
  running.push(...upstreams, gate);
  const requests = 100;
  for (let n = 0; n < requests; n += 1) expect((await postRaw(`${gate.url}/v1/chat/completions`, ask)).status).toBe(503);
  const tries = upstreams.reduce((sum, { seen }) => sum + seen.length, 0);
  expect(tries).toBeGreaterThanOrEqual(30);
  expect(tries).toBeLessThanOrEqual(requests * 1.2 + 30);
});
