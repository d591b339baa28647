import { afterEach, expect, test } from 'vitest';
import { chunk, event, jsonResponse, lastChunk, startScriptedUpstream, streamHead, type Script } from '../../test/support/scripted-upstream.ts';
import { runCaptured, type Captured } from './testing/run-captured.ts';
import { startServer } from './testing/start-server.ts';
import { ownGateway } from '../admin/internal/own-gateway.ts';
import { startTestControl } from '../../test/support/test-control.ts';
import { startTestGateway } from '../../test/support/test-gateway.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

const delta = (more: string, finish = 'null'): string =>
  event(`{"id":"c","object":"chat.completion.chunk","created":1,"model":"up","choices":[{"index":0,"delta":${more},"finish_reason":${finish}}]}`);
const beginning = delta('{"role":"assistant","content":""}') + delta('{"content":"Hello "}');
const usage = event(
  '{"id":"c","object":"chat.completion.chunk","created":1,"model":"up","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}',
);
const wholeStream = beginning + delta('{"content":"there"}') + delta('{}', '"stop"') + usage + event('[DONE]');
const streaming = (text: string, end: Script['end'], last = ''): Script => ({ pieces: [streamHead, chunk(text) + last], end });

/** The real gateway in front of one endpoint `a` that plays the script. Gives a runner with its URL set. */
async function gatewayOver(
  script: Script,
  keys: readonly string[] = [],
): Promise<(argv: readonly string[], env?: Record<string, string>) => Promise<Captured>> {
  const upstream = await startScriptedUpstream(() => script);
  stops.push(upstream.stop);
  const gateway = await startTestGateway(
    [{ id: 'a', origin: upstream.origin, price: { inputUsdPerMtok: 1, cachedInputUsdPerMtok: 1, outputUsdPerMtok: 2 } }],
    { keys },
  );
  stops.push(gateway.stop);
  const control = await startTestControl(ownGateway(gateway.context));
  stops.push(control.stop);
  return (argv, env = {}) => runCaptured(argv, { env: { SECOND_SOURCE_URL: gateway.url, SECOND_SOURCE_CONTROL: control.url, ...env } });
}

test('chat writes the text alone on standard output and which silicon made it on standard error', async () => {
  const run = await gatewayOver(streaming(wholeStream, 'keep', lastChunk));
  const { code, stdout, stderr } = await run(['chat', 'hi']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Hello there\n' });
  expect(stderr).toMatch(/^answered by a-vendor a chip \(declared\), endpoint a: 2 tokens\nrequest \S+, 1 attempt, [\d.]+ ms in the gateway\n$/);
});

test('chat --json gives text, usage and provenance as data', async () => {
  const run = await gatewayOver(streaming(wholeStream, 'keep', lastChunk));
  const { code, stdout } = await run(['chat', 'hi', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    model: 'm',
    text: 'Hello there',
    complete: true,
    finish_reason: 'stop',
    error: null,
    second_source: { attempts: 1, segments: [{ endpoint: 'a' }] },
  });
});

test('an answer that is cut keeps its part, says so, and fails', async () => {
  const run = await gatewayOver(streaming(beginning, 'rst'));
  const { code, stdout, stderr } = await run(['chat', 'hi', '--model', 'm']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: 'Hello \n' });
  expect(stderr).toContain('The answer was cut off: ');
  expect(stderr).toContain('What stands above is only a part of the answer.');
});

test.each([
  ['ends without [DONE]', beginning + delta('{}', '"stop"'), 'the connection ended'],
  ['has [DONE] without a finish reason', beginning + event('[DONE]'), 'the end marker came without a finish reason'],
  ['carries an event that is no JSON', `${beginning}${event('<html>')}${event('[DONE]')}`, 'an event that cannot be read'],
])('a stream that %s is never taken for a whole answer', async (_name, text, why) => {
  const server = await startServer((_request, _body, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text));
  stops.push(server.stop);
  const { code, stdout, stderr } = await runCaptured(['chat', 'hi', '--model', 'm', '--url', server.url]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: 'Hello \n' });
  expect(stderr).toContain(why);
});

test('emulated silicon is said to be emulated', async () => {
  const segments =
    '[{"endpoint":"e","deployment":"d","vendor":"groq","silicon":"LPU","evidence":"emulated","output_tokens":3,"characters":9,"gap_ms":null},{"endpoint":"f","deployment":"d","vendor":"amd","silicon":"AMD EPYC","evidence":"measured","output_tokens":null,"characters":4,"continued_by":"prefill","gap_ms":12.4}]';
  const last = event(`{"choices":[],"second_source":{"request_id":"r","attempts":2,"overhead_ms":1,"segments":${segments}}}`);
  const server = await startServer((_request, _body, response) => void response.end(beginning + delta('{}', '"stop"') + last + event('[DONE]')));
  stops.push(server.stop);
  const { stderr } = await runCaptured(['chat', 'hi', '--model', 'm', '--url', server.url]);
  expect(stderr).toBe(
    [
      'answered by an EMULATED groq LPU (computed on this machine), endpoint e: 3 tokens',
      'continued from the text by AMD EPYC (measured), endpoint f: 4 characters, after a gap of 12 ms',
      'request r, 2 attempts, 1 ms in the gateway',
      '',
    ].join('\n'),
  );
});

test('a model cannot send commands to the terminal, while a pipe gets its bytes', async () => {
  const server = await startServer(
    (_request, _body, response) => void response.end(delta('{"content":"a\\u001b[2Jb"}') + delta('{}', '"stop"') + event('[DONE]')),
  );
  stops.push(server.stop);
  const argv = ['chat', 'hi', '--model', 'm', '--url', server.url];
  expect((await runCaptured(argv, { isTTY: true, env: { NO_COLOR: '1' } })).stdout).toBe('a\ufffd[2Jb\n');
  expect((await runCaptured(argv)).stdout).toBe('a\x1b[2Jb\n');
});

test('status and endpoints show each endpoint with its silicon, and unplugging one is seen', async () => {
  const run = await gatewayOver(streaming(wholeStream, 'keep', lastChunk));
  const { code, stdout } = await run(['status']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^second-source test at http:\/\/127\.0\.0\.1:\d+, up for 0 s\nmodels: m\nendpoints: 1 of 1 ready\n\nENDPOINT +STATE/);
  expect(stdout).toMatch(/^a +ready +a-vendor a chip +declared +0 +m +–$/m);
  expect(await run(['endpoints', 'unplug', 'a'])).toMatchObject({ code: 0, stderr: 'a is unplugged.\n' });
  expect((await run(['endpoints'])).stdout).toMatch(/^a +unplugged/m);
  expect(await run(['endpoints', 'plug', 'a', '--json'])).toMatchObject({ code: 0, stdout: expect.stringContaining('"state": "ready"') });
  expect(await run(['endpoints', 'plug', '../a'])).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no endpoint of this id.') });
});

test('usage shows what was served, by vendor, with money where the price is known', async () => {
  const run = await gatewayOver(streaming(wholeStream, 'keep', lastChunk));
  await run(['chat', 'hi']);
  const { code, stdout } = await run(['usage', '--by', 'vendor']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^VENDOR {4}REQUESTS/);
  expect(stdout).toMatch(/^a-vendor +1 +1 +3 +2 +0\.000007 +0 +0\.000000$/m);
});

test('usage takes a time, and says team where the ledger says tenant', async () => {
  const run = await gatewayOver(streaming(wholeStream, 'keep', lastChunk));
  await run(['chat', 'hi']);
  expect((await run(['usage', '--by', 'team', '--from', '1h'])).stdout).toMatch(/^TEAM .*\n\S+ +1 +1 +3 +2 /);
  expect((await run(['usage', '--by', 'key', '--to', '1h'])).stdout).toMatch(/^KEY .*\n$/);
  expect(JSON.parse((await run(['usage', '--by', 'day', '--json'])).stdout)).toMatchObject({ rows: [{ requests: 1, lostUsd: 0 }] });
  expect(await run(['usage', '--from', 'monday'])).toMatchObject({ code: 2, stderr: expect.stringContaining('hours or days ago') });
  expect(await run(['usage', 'exprot'])).toMatchObject({ code: 2, stderr: expect.stringContaining('usage export') });
});

test('a gateway that asks for a key is refused entry without one, and served with it', async () => {
  const run = await gatewayOver({ pieces: [jsonResponse(500, '{}')], end: 'keep' }, ['k-1']);
  expect(await run(['chat', 'hi'])).toMatchObject({ code: 4, stderr: expect.stringContaining('Set SECOND_SOURCE_KEY') });
  expect(await run(['chat', 'hi', '--model', 'm'], { SECOND_SOURCE_KEY: 'k-1' })).toMatchObject({ code: 1 });
});

test('an endpoint’s failure before any text is a fault with the gateway’s own words', async () => {
  const run = await gatewayOver({ pieces: [jsonResponse(500, '{"error":{"message":"vendor secret"}}')], end: 'keep' });
  const { code, stdout, stderr } = await run(['chat', 'hi', '--model', 'm']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).not.toContain('vendor secret');
});

test('a gateway that is not there is unreachable, and the way to start one is named', async () => {
  const server = await startServer(() => {});
  await server.stop();
  for (const argv of [['status'], ['endpoints'], ['usage'], ['chat', 'hi']]) {
    expect(await runCaptured([...argv, argv[0] === 'chat' ? '--url' : '--control', server.url])).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining('second-source up'),
    });
  }
});

test('an answer in another form is a fault, not a crash', async () => {
  const server = await startServer((_request, _body, response) => void response.end('<html>'));
  stops.push(server.stop);
  expect(await runCaptured(['status', '--control', server.url])).toMatchObject({ code: 1, stderr: expect.stringContaining('another form') });
});
