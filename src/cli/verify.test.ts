import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { anthropicEndpoint, geminiEndpoint } from './testing/dialect-endpoints.ts';
import { engineOverTcp } from './testing/engine-over-tcp.ts';
import { runCaptured, type Captured } from './testing/run-captured.ts';
import { startServer } from './testing/start-server.ts';

const reportSchema = z.object({
  dialect: z.string(),
  profile: z.string(),
  model: z.string(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  findings: z.array(z.object({ check: z.string(), result: z.string(), what: z.string() })),
});

function verify(url: string, ...more: readonly string[]): Promise<Captured> {
  return runCaptured(['verify', '--real', url, ...more], { env: { K: 'k1' }, workingDirectory: '/reports' });
}

function resultsOf({ stdout }: Captured): Record<string, string> {
  return Object.fromEntries(reportSchema.parse(JSON.parse(stdout)).findings.map(({ check, result }) => [check, result]));
}

const everything = {
  chat: 'proven',
  stream: 'proven',
  usage: 'proven',
  tools: 'proven',
  'tools, streamed': 'proven',
  'JSON schema': 'proven',
  'error: unknown model': 'proven',
  'error: wrong key': 'proven',
  abort: 'proven',
};

test.each([
  ['anthropic', anthropicEndpoint],
  ['gemini', geminiEndpoint],
])('%s is proven in every part through the gateway', async (dialect, start) => {
  const captured = await verify(await start(), '--dialect', dialect, '--key', 'env:K', '--json');
  expect(resultsOf(captured)).toEqual(everything);
  expect(captured.code).toBe(0);
  expect(reportSchema.parse(JSON.parse(captured.stdout))).toMatchObject({ dialect, profile: dialect, model: 'up' });
});

test('our own engine is proven in every part that needs no key', async () => {
  const captured = await verify(await engineOverTcp(), '--profile', 'second-source', '--model', 'demo', '--json');
  const { 'error: wrong key': _, ...withoutKey } = everything;
  expect(resultsOf(captured)).toEqual(withoutKey);
  expect(captured.code).toBe(0);
}, 60_000);

test('the cost is said before anything is sent, and the report holds no key, prompt or answer', async () => {
  const captured = await verify(await anthropicEndpoint(), '--dialect', 'anthropic', '--key', 'env:K', '--report', 'a.md', '--tokens', '64');
  expect(captured.stderr).toMatch(/^Asks http:\/\/127\.0\.0\.1:\d+ at most 11 times: about 1500 input tokens, at most 704 output tokens\.\n/);
  expect(captured.stdout).toMatch(/^chat +proven +12 characters of text/m);
  const report = captured.files.get('/reports/a.md') ?? '';
  expect(report).toMatch(/^# Anthropic Messages: verified against http/);
  expect(report).toContain('| abort | proven |');
  for (const secret of ['k1', 'Hello there', 'Say hello']) expect(report).not.toContain(secret);
  const json = await verify(await anthropicEndpoint(), '--dialect', 'anthropic', '--key', 'env:K', '--report', 'a.json');
  expect(reportSchema.parse(JSON.parse(json.files.get('/reports/a.json') ?? '')).outputTokens).toBeGreaterThan(0);
});

test('an endpoint that says what its profile denies fails the gate, with what came', async () => {
  const server = await startServer((request, body, response) => {
    if (request.url === '/v1/models') return void response.end('{"data":[{"id":"m"}]}');
    const choice = { index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' };
    response.setHeader('content-type', body.includes('"stream":true') ? 'text/event-stream' : 'application/json');
    if (!body.includes('"stream":true')) return void response.end(JSON.stringify({ choices: [choice] }));
    response.end('data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n');
  });
  onTestFinished(server.stop);
  const captured = await verify(server.url, '--json');
  expect(captured.code).toBe(3);
  expect(resultsOf(captured)).toMatchObject({ chat: 'proven', stream: 'failed', usage: 'failed', tools: 'unproven', 'JSON schema': 'failed' });
});

test('a refused key ends it at once', async () => {
  const captured = await runCaptured(['verify', '--real', await anthropicEndpoint(), '--dialect', 'anthropic', '--key', 'env:K', '--model', 'up'], {
    env: { K: 'another' },
  });
  expect(captured.code).toBe(4);
  expect(captured.stdout).toMatch(/^chat +failed +It came to status 502 \(upstream_auth\)\. /m);
});

test.each([
  [[], 'Which endpoint?'],
  [['--real', 'x'], 'Which endpoint?'],
  [['--real', 'http://127.0.0.1:1', '--key', 'sk-secret'], '--key needs env:NAME or file:PATH'],
  [['--real', 'http://127.0.0.1:1', '--dialect', 'latin'], '--dialect needs'],
  [['--real', 'http://127.0.0.1:1', '--profile', 'x'], 'There is no profile x'],
  [['--real', 'http://127.0.0.1:1', '--dialect', 'gemini', '--profile', 'groq'], 'one of the dialect `openai`'],
  [['--real', 'http://127.0.0.1:1', '--key', 'env:NO_SUCH'], 'NO_SUCH is not set'],
])('%j is refused before anything is sent', async (argv, why) => {
  expect(await runCaptured(['verify', ...argv])).toMatchObject({ code: 2, stderr: expect.stringContaining(why) });
});

test('an endpoint that is not there is said to be so', async () => {
  expect(await runCaptured(['verify', '--real', 'http://127.0.0.1:9'])).toMatchObject({ code: 5 });
});
