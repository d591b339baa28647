import { expect, onTestFinished, test } from 'vitest';
import { chatChunks, numberedText } from '../support/numbered-answer.ts';
import { chunk, event, jsonResponse, lastChunk, startScriptedUpstream, streamHead } from '../support/scripted-upstream.ts';
import { postRaw, viewStream } from '../support/read-answer.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const plain = chatChunks(false);
const streamed = [streamHead, chunk(plain.role + plain.content(1)), chunk(plain.finish + plain.usage(1) + event('[DONE]')), lastChunk];
const whole = jsonResponse(
  200,
  '{"id":"c","object":"chat.completion","created":7,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"<1>"},"finish_reason":"stop"}]}',
);

test.each([
  ['full', true, true],
  ['headers', true, false],
  ['body', false, true],
  ['none', false, false],
] as const)('with provenance %s, clients learn whose silicon answers in exactly those places', async (provenance, inHeaders, inBody) => {
  const upstream = await startScriptedUpstream(({ body }) => ({ pieces: body.includes('"stream":true') ? streamed : [whole], end: 'keep' }));
  onTestFinished(upstream.stop);
  const gate = await startTestGateway([{ id: 'one', origin: upstream.origin }], { provenance });
  onTestFinished(gate.stop);
  const body = { model: 'm', messages: [{ role: 'user', content: 'count' }] };
  const extras = [{ stream: true }, { stream: true, stream_options: { include_usage: true } }, {}];
  for (const extra of extras) {
    const { status, headers, text, ended } = await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ ...body, ...extra }));
    expect([status, ended]).toEqual([200, 'proper']);
    expect(text.includes('second_source')).toBe(inBody);
    expect(Object.keys(headers).some((name) => name.startsWith('x-second-source-') || name === 'server-timing')).toBe(inHeaders);
    if (!inHeaders && !inBody) expect(`${text}${JSON.stringify(headers)}`).not.toMatch(/one-vendor|one chip/);
    if (!('stream' in extra)) continue;
    const view = viewStream(text);
    expect(view).toMatchObject({ text: numberedText(1, 1), done: true, finishReasons: ['stop'] });
    expect(view.usage === undefined).toBe(!('stream_options' in extra));
  }
});
