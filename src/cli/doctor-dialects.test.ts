import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { anthropicEndpoint, geminiEndpoint } from './testing/dialect-endpoints.ts';
import { engineOverTcp } from './testing/engine-over-tcp.ts';
import { runCaptured } from './testing/run-captured.ts';
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

test.each([
  ['anthropic', anthropicEndpoint],
  ['gemini', geminiEndpoint],
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
  const { report } = await examine(await engineOverTcp());
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
