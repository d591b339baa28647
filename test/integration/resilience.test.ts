import { afterEach, expect, test } from 'vitest';
import { jsonResponse, startScriptedUpstream, type Script, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { postRaw, type RawAnswer } from '../support/read-answer.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';
import type { RelayLimits } from '../../src/upstream/relay-request.ts';

const running: { stop: () => Promise<void> }[] = [];
const ask = (stream: boolean): string => JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: 'hi' }] });
const good: Script = {
  pieces: [jsonResponse(200, '{"id":"x","model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}')],
  end: 'keep',
};

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

function told(status: number, body: string, headers = ''): Script {
  return { pieces: [jsonResponse(status, body, headers)], end: 'keep' };
}

async function fleetOf(
  scripts: readonly ((index: number) => Script)[],
  limits: Partial<RelayLimits> = {},
): Promise<{ gate: TestGateway; upstreams: readonly ScriptedUpstream[] }> {
  const upstreams = await Promise.all(scripts.map((script) => startScriptedUpstream((_request, index) => script(index))));
  const gate = await startTestGateway(
    upstreams.map(({ origin }, index) => ({ id: `e${index}`, origin })),
    { limits },
  );
  running.push(...upstreams, gate);
  return { gate, upstreams };
}

function post(gate: TestGateway, stream = false): Promise<RawAnswer> {
  return postRaw(`${gate.url}/v1/chat/completions`, ask(stream));
}

const flood = `${'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(50)}${jsonResponse(200, '{}')}`;
const secret = 'sk-verysecret123456';

/** What each fault of the catalogue's section B, alone, looks like to the client. */
const alone: [string, Script, number, string, string][] = [
  ['403', told(403, `{"error":{"message":"${secret}"}}`), 502, 'upstream_auth', 'false'],
  ['402', told(402, '{"error":{"message":"pay"}}'), 503, 'upstream_unreachable', 'false'],
  [
    'a time to wait, as a date',
    told(429, '{}', 'date: Tue, 24 Nov 2026 00:00:00 GMT\r\nretry-after: Tue, 24 Nov 2026 00:00:09 GMT\r\n'),
    429,
    'rate_limit_exceeded',
    'true',
  ],
  ['529', told(529, '{"error":{"type":"overloaded_error"}}', 'retry-after: 9\r\n'), 503, 'overloaded', 'true'],
  ['an unknown model', told(404, '{"error":{"message":"The model `up` does not exist."}}'), 404, 'model_not_found', 'false'],
  ['an unknown route', told(404, '{"detail":"Not Found"}'), 503, 'upstream_unreachable', 'false'],
  ['409', told(409, '{}'), 503, 'upstream_unreachable', 'true'],
  ['413', told(413, ''), 413, 'request_too_large', 'false'],
  ['422', told(422, '{"detail":[{"loc":["body","seed"],"msg":"Input should be an integer"}]}'), 400, 'invalid_request', 'false'],
  ['refused content', told(400, '{"error":{"code":"content_policy_violation"}}'), 400, 'content_policy_violation', 'false'],
  ['999', { pieces: ['HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n'], end: 'keep' }, 502, 'upstream_error', 'false'],
  ['204', { pieces: ['HTTP/1.1 204 No Content\r\n\r\n'], end: 'keep' }, 502, 'upstream_error', 'false'],
  ['a flood of informational responses', { pieces: [flood], end: 'keep' }, 502, 'upstream_malformed', 'false'],
  ['a head over the limit', { pieces: [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`], end: 'keep' }, 502, 'upstream_malformed', 'false'],
  [
    'two lengths',
    { pieces: ['HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 5\r\n\r\n{}'], end: 'keep' },
    502,
    'upstream_malformed',
    'false',
  ],
  ['no HTTP', { pieces: ['SSH-2.0-OpenSSH_9.2\r\n'], end: 'keep' }, 502, 'upstream_malformed', 'false'],
];

for (const stream of [false, true]) {
  test.each(alone)(`alone, %s is told in our own words (stream: ${stream})`, async (_name, script, status, code, shouldRetry) => {
    const { gate } = await fleetOf([() => script]);
    const answer = await post(gate, stream);
    expect({ status: answer.status, code: JSON.parse(answer.text).error.code, retry: answer.headers['x-should-retry'] }).toEqual({
      status,
      code,
      retry: shouldRetry,
    });
    expect(answer.text).not.toMatch(/sk-very|127\.0\.0\.1|Odd|Early/);
    expect(JSON.stringify(gate.fleet.status())).not.toMatch(/sk-very/);
  });
}

test.each(alone.filter(([name]) => !['413', '422', 'refused content'].includes(name)))(
  'with another endpoint, %s fails over unseen',
  async (_name, script) => {
    const { gate } = await fleetOf([() => script, () => good]);
    const answer = await post(gate);
    expect(answer.status).toBe(200);
    expect(answer.headers['x-second-source-endpoint']).toBe('e1');
  },
);

test('a request at fault is sent nowhere else', async () => {
  const { gate, upstreams } = await fleetOf([() => told(422, '{"detail":"no"}'), () => good]);
  expect((await post(gate)).status).toBe(400);
  expect(upstreams[1]?.seen).toHaveLength(0);
});

test('a parameter that one endpoint does not support goes to another, and is named where none supports it', async () => {
  const unsupported = told(400, '{"error":{"code":"unsupported_parameter","message":"no such thing here","param":"seed"}}');
  const some = await fleetOf([() => unsupported, () => good]);
  expect((await post(some.gate)).status).toBe(200);
  const none = await fleetOf([() => unsupported, () => unsupported]);
  const answer = await post(none.gate);
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text).error).toMatchObject({ code: 'invalid_request', param: 'seed' });
  expect(none.upstreams.map(({ seen }) => seen.length)).toEqual([1, 1]);
});

test('408 is asked once more on the spot', async () => {
  const { gate, upstreams } = await fleetOf([(index) => (index === 0 ? told(408, '') : good), () => good]);
  expect((await post(gate)).headers['x-second-source-endpoint']).toBe('e0');
  expect(upstreams.map(({ seen }) => seen.length)).toEqual([2, 0]);
});

test('an endpoint that is alone and asks for a short time is waited for, in a stream as well', async () => {
  for (const stream of [false, true]) {
    const { gate, upstreams } = await fleetOf([(index) => (index === 0 ? told(429, '{}', 'retry-after-ms: 80\r\n') : good)], { parkedWaitMs: 1000 });
    const answer = await post(gate, stream);
    expect(answer.status).toBe(200);
    expect(upstreams[0]?.seen).toHaveLength(2);
  }
});

test('where all ask for a long time the client is told the least of them', async () => {
  const { gate } = await fleetOf([() => told(429, '{}', 'retry-after: 90\r\n'), () => told(429, '{}', 'retry-after: 40\r\n')], {
    parkedWaitMs: 1000,
  });
  const answer = await post(gate);
  expect(answer.status).toBe(429);
  expect(Number(answer.headers['retry-after'])).toBe(40);
  const [one, two] = gate.fleet.status();
  expect([one?.state, two?.state]).toEqual(['parked', 'parked']);
  expect(one?.avoided?.why).toBe('it asked to be left alone for a while');
});

test('an endpoint that fails always is left alone, and every request is served', async () => {
  const { gate, upstreams } = await fleetOf([() => told(500, '{}'), () => good]);
  for (let n = 0; n < 50; n += 1) expect((await post(gate)).status).toBe(200);
  expect(upstreams[0]?.seen.length).toBeLessThan(5);
  expect(gate.fleet.status()[0]).toMatchObject({ state: 'ejected' });
});

test('a connection that breaks before it answers is followed by one more try of the only endpoint', async () => {
  let broken = 0;
  const upstream = await startScriptedUpstream((_request, index) => {
    if (index < 8) return good;
    broken += 1;
    return broken === 1 ? { pieces: [], end: 'rst' } : good;
  });
  const gate = await startTestGateway([{ id: 'e0', origin: upstream.origin }]);
  running.push(upstream, gate);
  await Promise.all(Array.from({ length: 8 }, () => post(gate)));
  const answer = await post(gate);
  expect(answer.status).toBe(200);
  expect(answer.headers['x-second-source-attempts']).toBe('2');
});
