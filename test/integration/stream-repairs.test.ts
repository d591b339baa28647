import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { chatChunks, numberedText } from '../support/numbered-answer.ts';
import { chunk, event, jsonResponse, lastChunk, streamHead, type Script, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { postRaw, viewStream, type RawAnswer, type StreamView } from '../support/read-answer.ts';
import { gatewayOver, scripted } from '../support/started.ts';
import type { TestGateway } from '../support/test-gateway.ts';
import type { TestEndpoint } from '../support/test-fleet.ts';

const plain = chatChunks(false);
interface Seen {
  readonly answer: RawAnswer;
  readonly view: StreamView;
  readonly gate: TestGateway;
  readonly upstreams: readonly ScriptedUpstream[];
}

async function answerOf(
  scripts: readonly Script[],
  body: Record<string, unknown> = {},
  options: Parameters<typeof gatewayOver>[1] = {},
  said: Partial<TestEndpoint> = {},
): Promise<Seen> {
  const upstreams = [];
  for (const script of scripts) upstreams.push(await scripted(script));
  const gate = await gatewayOver(
    upstreams.map(({ origin }, index) => ({ id: `e${index}`, origin, ...said })),
    options,
  );
  const asked = { model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }], stream_options: { include_usage: true }, ...body };
  const answer = await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify(asked));
  return { answer, view: viewStream(answer.text), gate, upstreams };
}

const content = [1, 2, 3].map((n) => chunk(plain.content(n)));
const begun = [streamHead, chunk(plain.role), ...content];
const whole: Script = { pieces: [...begun, chunk(plain.finish + plain.usage(3) + event('[DONE]')), lastChunk], end: 'keep' };
const endedBy = (...pieces: string[]): Script => ({ pieces: [...begun, ...pieces, lastChunk], end: 'keep' });

test('a whole answer to a stream request is told as a stream', async () => {
  const body =
    '{"id":"x","created":7,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"<1><2>"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}';
  const { view, gate } = await answerOf([{ pieces: [jsonResponse(200, body)], end: 'keep' }]);
  expect(view).toMatchObject({ text: '<1><2>', done: true, finishReasons: ['stop'], usage: { completion_tokens: 2 } });
  expect(gate.closed).toMatchObject([{ state: 'S', usage: { source: 'upstream', outputTokens: 2 } }]);
});

test('a compressed answer is not unpacked, whole or cut: another endpoint answers', async () => {
  const packed = gzipSync(plain.role + plain.content(1)).toString('latin1');
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n';
  const { view } = await answerOf([{ pieces: [head, packed.slice(0, 20)], end: 'fin' }, whole]);
  expect(view).toMatchObject({ text: numberedText(1, 3), done: true, segments: [{ endpoint: 'e1' }] });
});

test('a flood of interim responses is a fault, a few are not', async () => {
  const interim = 'HTTP/1.1 103 Early Hints\r\n\r\n';
  expect((await answerOf([{ pieces: [interim.repeat(5), ...whole.pieces], end: 'keep' }])).view.done).toBe(true);
  const { view } = await answerOf([{ pieces: [interim.repeat(50), ...whole.pieces], end: 'keep' }, whole]);
  expect(view).toMatchObject({ done: true, segments: [{ endpoint: 'e1' }] });
});

test.each([
  ['a negative count', '{"prompt_tokens":3,"completion_tokens":-5}'],
  ['a fraction', '{"prompt_tokens":3,"completion_tokens":1.5}'],
  ['text', '"three"'],
  ['a hundred times what was allowed', '{"prompt_tokens":3,"completion_tokens":3000}'],
])('usage that is %s is neither shown nor charged', async (_name, usage) => {
  const { view, gate, answer } = await answerOf(
    [endedBy(chunk(`${plain.finish}${event(`{"id":"chatcmpl-up","choices":[],"usage":${usage}}`)}${event('[DONE]')}`))],
    { max_tokens: 30 },
  );
  expect(view.done).toBe(true);
  expect(gate.charges).toMatchObject([{ usage: { source: 'reserve' } }]);
  expect(gate.charges[0]?.usage.outputTokens).toBeLessThan(10);
  expect(answer.text).not.toContain(usage);
});

test('usage in every chunk is the sum so far: the last one holds, and none is added up', async () => {
  const counted = (n: number): string =>
    chunk(event(`{"id":"chatcmpl-up","choices":[{"index":0,"delta":{"content":"<${n}>"}}],"usage":{"prompt_tokens":3,"completion_tokens":${n}}}`));
  const pieces = [streamHead, chunk(plain.role), counted(1), counted(2), counted(3), chunk(plain.finish + event('[DONE]')), lastChunk];
  const { view, gate } = await answerOf([{ pieces, end: 'keep' }]);
  expect(view).toMatchObject({ text: numberedText(1, 3), done: true });
  expect(gate.charges).toMatchObject([{ usage: { inputTokens: 3, outputTokens: 3, source: 'upstream' } }]);
});

const toolDelta = (entry: string): string => chunk(event(`{"id":"chatcmpl-up","choices":[{"index":0,"delta":{"tool_calls":[${entry}]}}]}`));
const toolEnd = (reason: string): string => chunk(event(`{"choices":[{"index":0,"delta":{},"finish_reason":"${reason}"}]}`) + event('[DONE]'));

test('a tool call that says it is whole and is not ends as an error, one cut at its length passes', async () => {
  const pieces = [streamHead, toolDelta('{"index":0,"id":"c","function":{"name":"f","arguments":"{\\"a\\":"}}')];
  const cut = await answerOf([{ pieces: [...pieces, toolEnd('tool_calls'), lastChunk], end: 'keep' }]);
  expect(cut.view).toMatchObject({ done: false, finishReasons: [], errorCode: 'upstream_stream_error' });
  const long = await answerOf([{ pieces: [...pieces, toolEnd('length'), lastChunk], end: 'keep' }]);
  expect(long.view).toMatchObject({ done: true, finishReasons: ['length'] });
});

test('a tool call without index and id is given both, and all else of it stays', async () => {
  const pieces = [streamHead, toolDelta('{"function":{"name":"f","arguments":{"a": 1.0}},"odd":1.0}'), toolEnd('tool_calls'), lastChunk];
  const { answer, view } = await answerOf([{ pieces, end: 'keep' }]);
  expect(view.done).toBe(true);
  expect(answer.text).toMatch(
    /\{"function":\{"name":"f","arguments":"\{\\"a\\": 1\.0\}"\},"odd":1\.0,"index":0,"id":"call_[^"]+_0","type":"function"\}/,
  );
});

test.each([
  ['a tool call that skips an index', toolDelta('{"index":2,"id":"c","function":{"name":"f","arguments":"{}"}}')],
  ['a choice that nobody asked for', chunk(event('{"choices":[{"index":1,"delta":{"content":"x"}}]}'))],
])('%s is never passed on', async (_name, piece) => {
  const { view, answer } = await answerOf([endedBy(piece, chunk(plain.finish + event('[DONE]')))]);
  expect(view).toMatchObject({ text: numberedText(1, 3), done: false, errorCode: 'upstream_stream_error' });
  expect(answer.text).not.toContain('"index":2');
});

test('an identity that changes in mid-answer is kept as it began', async () => {
  const changed = chunk(event('{"id":"other","created":99,"model":"else","choices":[{"index":0,"delta":{"content":"<4>"}}]}'));
  const { view } = await answerOf([endedBy(changed, chunk(plain.finish + plain.usage(4) + event('[DONE]')))]);
  expect(view).toMatchObject({ text: numberedText(1, 4), done: true, ids: new Set(['chatcmpl-up']), models: new Set(['m']) });
});

test.each([
  ['429', '{"error":{"message":"slow down","code":429}}', 429, 'rate_limit_exceeded'],
  ['401', '{"error":{"message":"bad key","code":401}}', 502, 'upstream_auth'],
  ['400', '{"error":{"message":"too odd","type":"invalid_request_error"}}', 400, 'invalid_request'],
])('an error event before any content counts as what its code says: %s', async (_name, error, status, code) => {
  const { answer } = await answerOf([{ pieces: [streamHead, chunk(plain.role), chunk(event(error) + event('[DONE]')), lastChunk], end: 'keep' }]);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text).error.code).toBe(code);
});

test('a named error event is an error too', async () => {
  const { view } = await answerOf([endedBy(chunk('event: error\ndata: {"message":"died"}\n\n'))]);
  expect(view).toMatchObject({ done: false, errorCode: 'upstream_stream_error' });
});

test('what follows [DONE] is not heard, and its socket is not used again', async () => {
  const late: Script = { pieces: [...begun, chunk(plain.finish + event('[DONE]')), chunk(plain.content(9))], end: 'hang' };
  const { view, upstreams } = await answerOf([late]);
  expect(view).toMatchObject({ text: numberedText(1, 3), done: true });
  await expect.poll(() => upstreams[0]?.broken()).toBe(1);
});

test('a slow first endpoint is overtaken by a second, and the loser is cancelled and charged to nobody', async () => {
  const slow: Script = { pieces: [streamHead], end: 'hang' };
  const { view, gate, upstreams } = await answerOf([slow, whole], {}, { hedgeDelayMs: 30 });
  expect(view).toMatchObject({ text: numberedText(1, 3), done: true, segments: [{ endpoint: 'e1' }] });
  await expect.poll(() => upstreams[0]?.broken()).toBe(1);
  await expect
    .poll(() => gate.closed.map(({ state, outcome }) => [state, outcome]))
    .toEqual([
      ['U', 'client_closed'],
      ['S', 'ok'],
    ]);
  expect(gate.charges).toMatchObject([{ attempts: 2, usage: { outputTokens: 3 } }]);
});

test('the same holds for an answer in one piece', async () => {
  const body =
    '{"id":"x","model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}';
  const scripts: Script[] = [
    { pieces: [], end: 'hang' },
    { pieces: [jsonResponse(200, body)], end: 'keep' },
  ];
  const { answer, gate, upstreams } = await answerOf(scripts, { stream: false, stream_options: undefined }, { hedgeDelayMs: 30 });
  expect(JSON.parse(answer.text)).toMatchObject({ second_source: { segments: [{ endpoint: 'e1' }] } });
  await expect.poll(() => upstreams[0]?.broken()).toBe(1);
  expect(gate.charges).toHaveLength(1);
});

test('an endpoint that bills what a lost client asked for is heard out, and its usage charged', async () => {
  const later = Array.from({ length: 40 }, (_, index) => chunk(plain.content(index + 4)));
  const asked = await scripted({ pieces: [...begun, ...later, chunk(plain.finish + plain.usage(43) + event('[DONE]')), lastChunk], end: 'keep' });
  const gate = await gatewayOver([{ id: 'e0', origin: asked.origin, billsAbandoned: true }]);
  const stop = new AbortController();
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });
  const response = await fetch(`${gate.url}/v1/chat/completions`, { method: 'POST', body, signal: stop.signal });
  await response.body?.getReader().read();
  stop.abort();
  await expect
    .poll(() => gate.closed, { timeout: 5000 })
    .toMatchObject([{ state: 'S', outcome: 'client_closed', usage: { outputTokens: 43, source: 'upstream' } }]);
});

test.each([true, false])('an endpoint that answers without a word again and again is left for another (streamed: %s)', async (stream) => {
  const nothing: Script = stream
    ? { pieces: [streamHead, chunk(plain.role), chunk(plain.finish + plain.usage(0) + event('[DONE]')), lastChunk], end: 'keep' }
    : {
        pieces: [
          jsonResponse(200, '{"id":"x","model":"up","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}'),
        ],
        end: 'keep',
      };
  const said: Script = stream
    ? whole
    : {
        pieces: [
          jsonResponse(200, '{"id":"x","model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}'),
        ],
        end: 'keep',
      };
  const upstreams = [await scripted(nothing), await scripted(said)];
  const gate = await gatewayOver(upstreams.map(({ origin }, index) => ({ id: `e${index}`, origin })));
  const ask = async (only: readonly string[]): Promise<RawAnswer> =>
    postRaw(
      `${gate.url}/v1/chat/completions`,
      JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: 'x' }], provider: { only, order: ['e0'] } }),
    );
  for (let n = 0; n < 19; n += 1) expect((await ask(['e0'])).headers['x-second-source-endpoint']).toBe('e0');
  expect((await ask(['e0', 'e1'])).headers['x-second-source-endpoint']).toBe('e1');
});
