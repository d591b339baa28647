import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { runCaptured } from './testing/run-captured.ts';
import { startReplay, type RecordedEngine } from './testing/replay-engine.ts';
import { startServer, type TestServer } from './testing/start-server.ts';

const reportSchema = z.object({
  model: z.string(),
  profile: z.string(),
  findings: z.array(
    z.object({ name: z.string(), result: z.string(), what: z.string(), evidence: z.object({ sent: z.string().min(1), came: z.string().min(1) }) }),
  ),
});

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function keep(starting: Promise<TestServer>): Promise<string> {
  const server = await starting;
  servers.push(server);
  return server.url;
}

async function examine(engine: RecordedEngine): Promise<{ code: number; report: z.infer<typeof reportSchema> }> {
  const { code, stdout } = await runCaptured(['doctor', await keep(startReplay(engine)), '--model', 'tiny', '--json']);
  return { code, report: reportSchema.parse(JSON.parse(stdout)) };
}

/** What the recordings of 2026-11-24 show, engine by engine. */
const expected = {
  vllm: {
    models: 'ok',
    'plain-answer': 'ok',
    'stream-role-first': 'ok',
    'stream-finish-content': 'deviates',
    'stream-done': 'ok',
    'stream-usage': 'ok',
    stop: 'ok',
    'unknown-model': 'ok',
    'max-tokens-minus-1': 'ok',
    'unknown-field': 'deviates',
    'bad-json': 'ok',
    'token-ids-out': 'ok',
    'token-ids-in': 'ok',
    prefill: 'ok',
    'named-tool': 'ok',
    logprobs: 'ok',
    abort: 'ok',
    profile: 'ok',
  },
  'llama-server': {
    models: 'ok',
    'plain-answer': 'ok',
    'stream-role-first': 'ok',
    'stream-finish-content': 'ok',
    'stream-done': 'ok',
    'stream-usage': 'ok',
    stop: 'ok',
    'unknown-model': 'deviates',
    'max-tokens-minus-1': 'deviates',
    'unknown-field': 'deviates',
    'bad-json': 'ok',
    'token-ids-out': 'unsupported',
    'token-ids-in': 'ok',
    prefill: 'deviates',
    'named-tool': 'deviates',
    logprobs: 'ok',
    abort: 'ok',
    profile: 'ok',
  },
  'transformers-serve': {
    models: 'deviates',
    'plain-answer': 'ok',
    'stream-role-first': 'ok',
    'stream-finish-content': 'ok',
    'stream-done': 'deviates',
    'stream-usage': 'deviates',
    stop: 'deviates',
    'unknown-model': 'deviates',
    'max-tokens-minus-1': 'deviates',
    'unknown-field': 'deviates',
    'bad-json': 'deviates',
    'token-ids-out': 'unsupported',
    'token-ids-in': 'unsupported',
    prefill: 'unsupported',
    'named-tool': 'deviates',
    logprobs: 'deviates',
    abort: 'ok',
    profile: 'ok',
  },
} as const satisfies Record<RecordedEngine, Record<string, string>>;

describe('the doctor finds in each recorded engine what that engine does', () => {
  test.each(['vllm', 'llama-server', 'transformers-serve'] as const)('%s', async (engine) => {
    const { code, report } = await examine(engine);
    expect(Object.fromEntries(report.findings.map(({ name, result }) => [name, result]))).toEqual(expected[engine]);
    expect(code).toBe(0);
  });

  test.each([
    ['vllm', 'vllm'],
    ['llama-server', 'llama.cpp'],
    ['transformers-serve', 'transformers-serve'],
  ] as const)('%s is known by its own answers', async (engine, profile) => {
    const { report } = await examine(engine);
    expect(report.profile).toBe(profile);
    expect(report.findings.at(-1)?.what).toContain('none against it');
  });
});

test('a finding shows what was sent and what came', async () => {
  const { report } = await examine('llama-server');
  const finding = report.findings.find(({ name }) => name === 'unknown-model');
  expect(finding?.what).toBe('An unknown model is accepted with status 200; published is 404.');
  expect(finding?.evidence.sent).toContain('"model":"second-source-doctor-no-such-model"');
  expect(finding?.evidence.came).toMatch(/^200 \{"choices":/);
});

test('people get a table on standard output and the count on standard error', async () => {
  const { stdout, stderr } = await runCaptured(['doctor', await keep(startReplay('vllm'))]);
  expect(stdout).toMatch(/^ok {11}models {17}It lists 1 model\.$/m);
  expect(stdout).toMatch(/^deviates {5}unknown-field/m);
  expect(stderr).toMatch(/16 ok, 2 deviate, 0 unsupported, 0 failed\.\n$/);
});

const chunk = (delta: string, finish: string): string => `data: {"choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}]}\n\n`;
const begun = chunk('{"role":"assistant","content":""}', 'null') + chunk('{"content":"Hi"}', 'null');
const plain =
  '{"choices":[{"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}';

/** An endpoint that lists `m`, answers plainly, and streams the given bytes, ended with or without HTTP framing. */
function endpointWithStream(stream: string, framing: 'chunked' | 'none'): Promise<string> {
  return keep(
    startServer((request, body, response) => {
      if (request.url === '/v1/models') return void response.end('{"data":[{"id":"m"}]}');
      if (!body.includes('"stream":true')) return void response.end(plain);
      if (framing === 'none') {
        response.useChunkedEncodingByDefault = false;
        response.removeHeader('transfer-encoding');
        response.setHeader('connection', 'close');
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(stream);
      response.end();
    }),
  );
}

test.each([
  ['without [DONE] and without framing', begun + chunk('{}', '"stop"'), 'none', 'without framing'],
  ['without a finish_reason', `${begun}data: [DONE]\n\n`, 'chunked', 'without a finish_reason'],
  ['with an event that is no chunk', `${begun}data: <html>\n\ndata: [DONE]\n\n`, 'chunked', 'neither a chunk'],
  ['cut inside an event', `${begun}${chunk('{}', '"stop"')}data: [DO`, 'chunked', 'was cut'],
] as const)('a stream %s fails the gate', async (_name, stream, framing, why) => {
  const { code, stdout } = await runCaptured(['doctor', await endpointWithStream(stream, framing), '--json']);
  expect(code).toBe(3);
  const finding = reportSchema.parse(JSON.parse(stdout)).findings.find(({ name }) => name === 'stream-done');
  expect(finding).toMatchObject({ result: 'failed' });
  expect(finding?.what).toContain(why);
});

test('without [DONE] but framed is a deviation that can be lived with', async () => {
  const { code } = await runCaptured(['doctor', await endpointWithStream(begun + chunk('{}', '"stop"'), 'chunked')]);
  expect(code).toBe(0);
});

test('an endpoint that is not there is unreachable', async () => {
  const server = await startServer(() => {});
  await server.stop();
  expect(await runCaptured(['doctor', server.url])).toMatchObject({ code: 5, stderr: expect.stringContaining('ECONNREFUSED') });
});

test('an endpoint that is silent is given up after the silence allowed', async () => {
  const url = await keep(startServer(() => {}));
  expect(await runCaptured(['doctor', url, '--timeout-ms', '50'])).toMatchObject({ code: 5 });
});

test.each([401, 403])('status %i is said to be about the key, and the key is never shown', async (status) => {
  const url = await keep(startServer((request, _body, response) => void response.writeHead(status).end(`no ${request.headers.authorization}`)));
  const { code, stdout, stderr } = await runCaptured(['doctor', url, '--key-env', 'K'], { env: { K: 'sk-hidden' } });
  expect(code).toBe(4);
  expect(stdout + stderr).not.toContain('sk-hidden');
});

test('a key that an endpoint echoes is taken out of the evidence', async () => {
  const url = await keep(startServer((request, _body, response) => void response.writeHead(500).end(`who is ${request.headers.authorization}?`)));
  const { code, stdout } = await runCaptured(['doctor', url, '--model', 'm', '--key-env', 'K', '--json'], { env: { K: 'sk-hidden' } });
  expect(code).toBe(3);
  expect(stdout).toContain('Bearer [key]');
  expect(stdout).not.toContain('sk-hidden');
});

test.each([
  [['doctor'], 'Which endpoint?'],
  [['doctor', 'x'], 'is not a URL'],
  [['doctor', 'http://127.0.0.1:1', '--key-env', 'NO_SUCH'], 'NO_SUCH is not set'],
  [['doctor', 'http://example.com', '--key-env', 'K'], 'Use `https://`'],
])('%j is refused before anything is sent', async (argv, why) => {
  expect(await runCaptured(argv, { env: { K: 'k' } })).toMatchObject({ code: 2, stderr: expect.stringContaining(why) });
});
