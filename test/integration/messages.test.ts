import Anthropic from '@anthropic-ai/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { countedTokens, startCountingEngine } from '../support/counting-engine.ts';
import { gatewayOver, held, scripted } from '../support/started.ts';
import { chunk, event, jsonResponse, lastChunk, streamHead, type Script, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { chatChunks, numberedText } from '../support/numbered-answer.ts';
import { postRaw } from '../support/read-answer.ts';

const prompt: Anthropic.MessageCountTokensParams = { model: 'm', messages: [{ role: 'user', content: 'count' }] };
const question: Anthropic.MessageCreateParamsNonStreaming = { model: 'm', max_tokens: 64, messages: prompt.messages };

function client(url: string, apiKey = 'a-key'): Anthropic {
  return new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
}

async function counting(...asked: Parameters<typeof startCountingEngine>): Promise<ScriptedUpstream> {
  const engine = await startCountingEngine(...asked);
  onTestFinished(engine.stop);
  return engine;
}

test('an answer that loses its endpoint in the middle is one message, whose last event says who made what', async () => {
  const engines = [await counting({ tokens: 5, how: 'rst' }), await counting()];
  const gate = await gatewayOver(engines.map(({ origin }, index) => ({ id: `e${index}`, origin, tokenIds: true })));
  const { text } = await postRaw(`${gate.url}/v1/messages`, JSON.stringify({ ...question, stream: true, temperature: 0 }), {
    'anthropic-version': '2023-06-01',
  });
  const events = text.split('\n\n').filter((frame) => frame !== '');
  const data = events.map((frame) => JSON.parse(/^event: \w+\ndata: (.*)$/.exec(frame)?.[1] ?? 'null'));
  expect(data.map(({ type }) => type)).toEqual([
    'message_start',
    'content_block_start',
    ...Array.from({ length: countedTokens }, () => 'content_block_delta'),
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  expect(data.map(({ delta }) => delta?.text ?? '').join('')).toBe(numberedText(1, countedTokens));
  expect(data.at(-2)).toMatchObject({
    delta: { stop_reason: 'end_turn' },
    usage: { input_tokens: 3, output_tokens: countedTokens },
    second_source: { segments: [{ endpoint: 'e0' }, { endpoint: 'e1', continued_by: 'exact' }] },
  });
  expect(gate.charges).toMatchObject([{ route: 'messages', outcome: 'ok', attempts: 2 }]);
});

test('an answer that nobody may continue throws in the SDK and never stops well', async () => {
  const gate = await gatewayOver([{ id: 'e0', origin: (await counting({ tokens: 5, how: 'rst' })).origin, tokenIds: true }]);
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { type } of client(gate.url).messages.stream(question)) seen.push(type);
  })();
  await expect(reading).rejects.toMatchObject({ type: 'api_error', errorCode: 'upstream_stream_error' });
  expect(seen).not.toContain('message_stop');
});

const faults: readonly (readonly [
  string,
  Script | undefined,
  object,
  { readonly status: number; readonly type: string; readonly errorCode: string },
])[] = [
  ['a field of the wrong type', undefined, { max_tokens: 0 }, { status: 400, type: 'invalid_request_error', errorCode: 'invalid_request' }],
  ['a field that we do not know', undefined, { container: 'c' }, { status: 400, type: 'invalid_request_error', errorCode: 'unsupported_parameter' }],
  ['an unknown model', undefined, { model: 'claude' }, { status: 404, type: 'not_found_error', errorCode: 'model_not_found' }],
  [
    'an endpoint that asks to wait',
    { pieces: [jsonResponse(429, '{}', 'retry-after: 1\r\n')], end: 'keep' },
    {},
    { status: 429, type: 'rate_limit_error', errorCode: 'rate_limit_exceeded' },
  ],
  [
    'an endpoint that is overloaded',
    { pieces: [jsonResponse(529, '{}', 'retry-after: 1\r\n')], end: 'keep' },
    {},
    { status: 503, type: 'overloaded_error', errorCode: 'overloaded' },
  ],
  ['an endpoint that fails', { pieces: [jsonResponse(500, '{}')], end: 'keep' }, {}, { status: 502, type: 'api_error', errorCode: 'upstream_error' }],
];

test.each(faults)('%s is told in Anthropic’s words, with the id of the request', async (_name, upstream, changed, expected) => {
  const origin = upstream === undefined ? 'http://127.0.0.1:9' : (await scripted(upstream)).origin;
  const gate = await gatewayOver([{ id: 'e0', origin }]);
  const thrown: unknown = await client(gate.url)
    .messages.create({ ...question, ...changed })
    .catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Anthropic.APIError);
  expect(thrown).toMatchObject(expected);
});

test('the key may stand in x-api-key, and two that differ are refused', async () => {
  const engine = await counting();
  const gate = await gatewayOver([{ id: 'e0', origin: engine.origin }], { keys: ['right'] });
  await expect(client(gate.url, 'right').messages.stream(question).finalText()).resolves.toBe(numberedText(1, countedTokens));
  await expect(client(gate.url, 'wrong').messages.create(question)).rejects.toMatchObject({ status: 401, type: 'authentication_error' });
  for (const [bearer, other] of [
    ['right', 'other'],
    ['other', 'right'],
  ]) {
    const both = { 'x-api-key': other ?? '', authorization: `Bearer ${bearer}` };
    const refused = await postRaw(`${gate.url}/v1/messages`, JSON.stringify(question), both);
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([401, { type: 'error', error: { details: { error_code: 'invalid_api_key' } } }]);
  }
});

test('a count is a guess that says so', async () => {
  const gate = await gatewayOver([{ id: 'e0', origin: 'http://127.0.0.1:9' }]);
  const { data, response } = await client(gate.url).messages.countTokens(prompt).withResponse();
  expect(data.input_tokens).toBeGreaterThan(0);
  expect(response.headers.get('x-second-source-token-count')).toBe('estimated');
});

test('a version that we do not speak is refused, and none at all is taken for the one that we do', async () => {
  const gate = await gatewayOver([{ id: 'e0', origin: (await counting()).origin }]);
  const old = await postRaw(`${gate.url}/v1/messages`, JSON.stringify(question), { 'anthropic-version': '2023-01-01' });
  expect([old.status, JSON.parse(old.text).error.type]).toEqual([400, 'invalid_request_error']);
  expect((await postRaw(`${gate.url}/v1/messages`, JSON.stringify({ ...question, stream: true }))).status).toBe(200);
});

test('a request under an idempotency key is given again as the message that it was', async () => {
  const engine = await counting();
  const gate = await gatewayOver([{ id: 'e0', origin: engine.origin }]);
  const ask = (): ReturnType<typeof postRaw> =>
    postRaw(`${gate.url}/v1/messages`, JSON.stringify({ ...question, stream: true }), { 'idempotency-key': 'one' });
  const first = await ask();
  const second = await ask();
  expect(second.text).toBe(first.text);
  expect([first.headers['request-id'], second.headers['idempotent-replayed'], engine.seen.length]).toEqual([second.headers['request-id'], 'true', 1]);
});

test('a client that waits is told that the line lives: by a ping in one API, by a comment in the other', async () => {
  const { upstream, gate } = await held({ limits: { heartbeatMs: 50 } });
  for (const [path, beat, last] of [
    ['messages', 'event: ping\ndata: {"type":"ping"}', 'event: message_stop'],
    ['responses', ': ka', 'event: response.completed'],
  ] as const) {
    const body = path === 'messages' ? { ...question, stream: true } : { model: 'm', input: 'count', stream: true };
    let beats = (): void => {};
    const beaten = new Promise<void>((resolve) => (beats = resolve));
    const answer = postRaw(`${gate.url}/v1/${path}`, JSON.stringify(body), {}, (text) => text.includes(beat) && beats());
    const call = await upstream.next();
    await beaten;
    const chat = chatChunks(false);
    await call.write(streamHead + chunk(chat.role + chat.content(1) + chat.finish + event('[DONE]')) + lastChunk);
    const { text } = await answer;
    expect(text.indexOf(beat)).toBeGreaterThan(text.indexOf(path === 'messages' ? 'message_start' : 'response.created'));
    expect(text).toContain(last);
  }
});
