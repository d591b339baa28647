import { describe, expect, onTestFinished, test } from 'vitest';
import { allSdks } from './all-sdks.ts';
import {
  chunk,
  event,
  jsonResponse,
  lastChunk,
  startScriptedUpstream,
  streamHead,
  type Script,
  type ScriptedUpstream,
} from '../support/scripted-upstream.ts';
import { gatewayOver, scripted } from '../support/started.ts';
import { refusedQuestions, thrownStatus } from './sdk-expectations.ts';
import { numberedText } from '../support/numbered-answer.ts';
import { countedTokens, startCountingEngine } from '../support/counting-engine.ts';
import type { AskedTool } from './sdk-client.ts';

const question = { model: 'm', prompt: 'count', maxTokens: 64 };
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } as const;
const tools: readonly AskedTool[] = ['get_weather', 'get_time'].map((name) => ({ name, description: name, schema }));

const usage = '"usage":{"prompt_tokens":3,"completion_tokens":9,"total_tokens":12}';
const head = '"id":"chatcmpl-up","created":7,"model":"up"';

/** Two calls at once, as the published API has them: whole, and as deltas that name the call by its index. */
const calls = [
  { id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
  { id: 'call_b', type: 'function', function: { name: 'get_time', arguments: '{"city":"Rome"}' } },
];

function wholeCalls(): Script {
  const message = { role: 'assistant', content: null, tool_calls: calls };
  const choice = JSON.stringify({ index: 0, message, finish_reason: 'tool_calls' });
  return { pieces: [jsonResponse(200, `{${head},"object":"chat.completion","choices":[${choice}],${usage}}`)], end: 'keep' };
}

function streamedCalls(): Script {
  const deltas: readonly object[] = [
    { role: 'assistant', content: null },
    ...calls.flatMap((call, index) => [
      { tool_calls: [{ index, ...call, function: { ...call.function, arguments: '' } }] },
      { tool_calls: [{ index, function: { arguments: call.function.arguments.slice(0, 5) } }] },
      { tool_calls: [{ index, function: { arguments: call.function.arguments.slice(5) } }] },
    ]),
  ];
  const chunkOf = (delta: object, reason: string | null): string =>
    event(`{${head},"object":"chat.completion.chunk","choices":[${JSON.stringify({ index: 0, delta, finish_reason: reason })}]}`);
  const ends = chunkOf({}, 'tool_calls') + event(`{${head},"object":"chat.completion.chunk","choices":[],${usage}}`) + event('[DONE]');
  return { pieces: [streamHead, ...deltas.map((delta) => chunk(chunkOf(delta, null))), chunk(ends), lastChunk], end: 'keep' };
}

async function calling(): Promise<ScriptedUpstream> {
  const upstream = await startScriptedUpstream(({ body }) => (JSON.parse(body).stream === true ? streamedCalls() : wholeCalls()));
  onTestFinished(upstream.stop);
  return upstream;
}

async function counting(...asked: Parameters<typeof startCountingEngine>): Promise<ScriptedUpstream> {
  const engine = await startCountingEngine(...asked);
  onTestFinished(engine.stop);
  return engine;
}

const failures: readonly (readonly [name: string, upstream: Script | undefined, changed: object, status: number])[] = [
  ...refusedQuestions.map(({ name, changed, status }) => [name, undefined, changed, status] as const),
  ['every endpoint asks to wait', { pieces: [jsonResponse(429, '{}', 'retry-after: 1\r\n')], end: 'keep' }, {}, 429],
  ['the endpoint fails', { pieces: [jsonResponse(500, '{}')], end: 'keep' }, {}, 502],
  ['the endpoint refuses our key', { pieces: [jsonResponse(401, '{}')], end: 'keep' }, {}, 502],
  ['nobody can be reached', undefined, {}, 503],
];

describe.each(allSdks)('$name through the gateway', ({ connect }) => {
  test('parallel tool calls come out as two calls, whole and streamed, with what they cost', async () => {
    const upstream = await calling();
    const client = connect((await gatewayOver([{ id: 'one', origin: upstream.origin }])).url, 'a-key');
    const expected = {
      calls: [
        { name: 'get_weather', input: { city: 'Paris' } },
        { name: 'get_time', input: { city: 'Rome' } },
      ],
      end: 'calls',
      inputTokens: 3,
      outputTokens: 9,
    };
    expect(await client.ask({ ...question, tools })).toMatchObject(expected);
    expect(await client.stream({ ...question, tools })).toMatchObject(expected);
    for (const { body } of upstream.seen) {
      expect(JSON.parse(body)).toMatchObject({
        model: 'up',
        messages: [{ role: 'user', content: 'count' }],
        tool_choice: 'required',
        tools: tools.map(({ name }) => ({ type: 'function', function: { name, parameters: { properties: schema.properties, required: ['city'] } } })),
      });
    }
  });

  test('the JSON schema reaches the endpoint as the published API writes it', async () => {
    const upstream = await scripted({ pieces: [jsonResponse(500, '{}')], end: 'keep' });
    const client = connect((await gatewayOver([{ id: 'one', origin: upstream.origin }])).url, 'a-key');
    await client.ask({ ...question, schema }).catch(() => {});
    const { response_format: format } = JSON.parse(upstream.seen[0]?.body ?? '{}');
    expect(format).toMatchObject({ type: 'json_schema', json_schema: { schema: { properties: schema.properties, required: ['city'] } } });
  });

  test('an answer whose endpoint is lost in the middle arrives whole', async () => {
    const engines = [await counting({ tokens: 5, how: 'rst' }), await counting()];
    const gate = await gatewayOver(engines.map(({ origin }, index) => ({ id: `e${index}`, origin, tokenIds: true })));
    const seen = await connect(gate.url, 'a-key').stream(question);
    expect(seen).toMatchObject({ text: numberedText(1, countedTokens), end: 'stop', outputTokens: countedTokens });
    expect(gate.charges).toMatchObject([{ outcome: 'ok', attempts: 2 }]);
  });

  test('an answer that nobody may continue is thrown, and not taken for a whole one', async () => {
    const gate = await gatewayOver([{ id: 'one', origin: (await counting({ tokens: 5, how: 'rst' })).origin, tokenIds: true }]);
    await expect(connect(gate.url, 'a-key').stream(question)).rejects.toThrow();
  });

  test.each(failures)('%s: the SDK throws with its status', async (_name, upstream, changed, status) => {
    const origin = upstream === undefined ? 'http://127.0.0.1:9' : (await scripted(upstream)).origin;
    const client = connect((await gatewayOver([{ id: 'one', origin }])).url, 'a-key');
    expect(await thrownStatus(client, { ...question, ...changed })).toBe(status);
  });

  test('a wrong key is refused, the right one is not', async () => {
    const gate = await gatewayOver([{ id: 'one', origin: (await calling()).origin }], { keys: ['right'] });
    await expect(connect(gate.url, 'right').ask({ ...question, tools })).resolves.toMatchObject({ end: 'calls' });
    const wrong = connect(gate.url, 'wrong');
    expect(wrong.statusOf(await wrong.ask(question).catch((error: unknown) => error))).toBe(401);
  });
});
