import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { generateEvents, generateWhole, messagesEvents, messageWhole } from '../../test/support/dialect-scripts.ts';
import { runCaptured } from './testing/run-captured.ts';
import { startDemoEngine } from '../engine/testing/start-demo-engine.ts';
import { startServer } from './testing/start-server.ts';

const reportSchema = z.object({
  model: z.string(),
  profile: z.string(),
  findings: z.array(z.object({ name: z.string(), result: z.string(), what: z.string() })),
});

async function examine(url: string, key?: string): Promise<{ code: number; stderr: string; report: z.infer<typeof reportSchema> | undefined }> {
  const { code, stdout, stderr } = await runCaptured(['doctor', url, '--json', ...(key === undefined ? [] : ['--key-env', 'K'])], {
    env: { K: key },
  });
  return { code, stderr, report: stdout === '' ? undefined : reportSchema.parse(JSON.parse(stdout)) };
}

/** Speaks Anthropic's Messages API to whoever brings the key `k1` in its own header. */
async function anthropic(): Promise<string> {
  const server = await startServer((request, body, response) => {
    const error = (status: number, type: string): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error: { type, message: 'no' } }));
    if (request.headers['x-api-key'] !== 'k1') return error(401, 'authentication_error');
    if (request.url?.startsWith('/v1/models') === true) return void response.end('{"data":[{"type":"model","id":"up"}],"has_more":false}');
    if (!body.includes('"model":"up"')) return error(404, 'not_found_error');
    if (!body.includes('"stream":true')) return void response.end(messageWhole({ text: ['Hi'] }));
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(messagesEvents({ text: ['Hi'] }).join(''));
  });
  onTestFinished(server.stop);
  return server.url;
}

async function gemini(): Promise<string> {
  const server = await startServer((request, _body, response) => {
    const { url = '' } = request;
    const error = (status: number, word: string): void =>
      void response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { code: status, status: word, message: 'no' } }));
    if (request.headers['x-goog-api-key'] !== 'k1') return error(403, 'PERMISSION_DENIED');
    if (url.startsWith('/v1beta/models?')) return void response.end('{"models":[{"name":"models/up"}]}');
    if (!url.startsWith('/v1beta/models/up:')) return error(404, 'NOT_FOUND');
    if (!url.includes('alt=sse')) return void response.end(generateWhole({ text: ['Hi'] }));
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(generateEvents({ text: ['Hi'] }).join(''));
  });
  onTestFinished(server.stop);
  return `${server.url}/v1beta`;
}

test.each([
  ['anthropic', anthropic],
  ['gemini', gemini],
])('%s is known by how it answers, and asked in its own words', async (dialect, start) => {
  const { code, report } = await examine(await start(), 'k1');
  expect(code).toBe(0);
  expect(report?.profile).toBe(dialect);
  expect(report?.findings.map(({ name, result }) => [name, result])).toEqual([
    ['dialect', 'ok'],
    ['plain-answer', 'ok'],
    ['stream-done', 'ok'],
    ['unknown-model', 'ok'],
  ]);
  const refused = await examine(await start(), 'another');
  expect(refused).toMatchObject({ code: 4, report: undefined });
});

test('our own engine is found to be what its profile says', async () => {
  const { socketPath, close } = await startDemoEngine();
  onTestFinished(close);
  const server = createServer((socket) => {
    const engine = connect(socketPath);
    socket.pipe(engine).pipe(socket);
    socket.on('error', () => engine.destroy());
    engine.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  const { report } = await examine(`http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`);
  expect(report?.profile).toBe('second-source');
  expect(report?.findings.at(-1)?.what).toContain('none against it');
}, 60_000);

test('an endpoint that shows no sign of any profile is taken for what is published', async () => {
  const server = await startServer((request, body, response) => {
    if (request.url === '/v1/models') return void response.end('{"data":[{"id":"m"}]}');
    const choice = { index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' };
    if (!body.includes('"stream":true')) return void response.end(JSON.stringify({ choices: [choice] }));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
  });
  onTestFinished(server.stop);
  expect((await examine(server.url)).report?.profile).toBe('openai-compatible');
});
