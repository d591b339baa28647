import { expect, test } from 'vitest';
import { chatChunks, numberedText } from '../support/numbered-answer.ts';
import { chunk, event, lastChunk, streamHead, type Script } from '../support/scripted-upstream.ts';
import { postRaw, viewStream, type RawAnswer, type StreamView } from '../support/read-answer.ts';
import { gatewayOver, scripted } from '../support/started.ts';
import type { TestGateway } from '../support/test-gateway.ts';
import type { TestEndpoint } from '../support/test-fleet.ts';

const plain = chatChunks(false);
const withIds = chatChunks(true);
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => chunk(plain.content(from + index)));
const begun: Script = { pieces: [streamHead, chunk(plain.role), ...numbers(1, 4)], end: 'rst' };
const ending = [chunk(plain.finish + plain.usage(4) + event('[DONE]')), lastChunk];
const text = (said: string): string =>
  chunk(event(`{"id":"other","created":9,"model":"up","choices":[{"index":0,"delta":{"content":${JSON.stringify(said)}}}]}`));
const streamed = (...pieces: string[]): Script => ({ pieces: [streamHead, chunk(plain.role), ...pieces, ...ending], end: 'keep' });

interface Asked {
  readonly answer: RawAnswer;
  readonly view: StreamView;
  readonly gate: TestGateway;
  readonly sent: Record<string, unknown>;
}

async function cutAndContinued(
  first: Script,
  second: Script,
  extra: {
    readonly body?: Record<string, unknown>;
    readonly first?: Partial<TestEndpoint>;
    readonly second?: Partial<TestEndpoint>;
    readonly headers?: Record<string, string>;
  } = {},
  options: Parameters<typeof gatewayOver>[1] = {},
): Promise<Asked> {
  const [lost, other] = [await scripted(first), await scripted(second)];
  const weights = 'sha256:same';
  const gate = await gatewayOver(
    [
      { id: 'lost', origin: lost.origin, weights, ...extra.first },
      { id: 'other', origin: other.origin, weights, prefill: { form: 'continue-final-message', repeats: false }, ...extra.second },
    ],
    options,
  );
  const body = {
    model: 'm',
    stream: true,
    temperature: 0,
    messages: [{ role: 'user', content: 'count' }],
    stream_options: { include_usage: true },
    ...extra.body,
  };
  const answer = await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify(body), extra.headers);
  return { answer, view: viewStream(answer.text), gate, sent: JSON.parse(other.seen[0]?.body ?? '{}') };
}

test('an endpoint that declares it goes on from the released text, with the limit reduced and the identity kept', async () => {
  const { view, sent, gate, answer } = await cutAndContinued(begun, streamed(...numbers(5, 8)), { body: { max_tokens: 20 } });
  expect(view).toMatchObject({
    text: numberedText(1, 8),
    done: true,
    finishReasons: ['stop'],
    ids: new Set(['chatcmpl-up']),
    models: new Set(['m']),
  });
  expect(view.segments.map(({ endpoint, continued_by }) => [endpoint, continued_by])).toEqual([
    ['lost', null],
    ['other', 'prefill'],
  ]);
  expect(sent).toMatchObject({ continue_final_message: true, add_generation_prompt: false, max_tokens: 16 });
  expect(sent['messages']).toEqual([
    { role: 'user', content: 'count' },
    { role: 'assistant', content: numberedText(1, 4) },
  ]);
  expect(answer.text.split('"role":"assistant"')).toHaveLength(2);
  expect(gate.charges).toHaveLength(1);
});

test('an endpoint that repeats the given text has the repetition taken off, however it is cut into pieces', async () => {
  const repeated = numberedText(1, 5);
  const second = { prefill: { form: 'trailing-assistant', repeats: true } } as const;
  const { view, sent } = await cutAndContinued(begun, streamed(text(repeated.slice(0, 7)), text(repeated.slice(7)), ...numbers(6, 8)), { second });
  expect(view).toMatchObject({ text: numberedText(1, 8), done: true });
  expect(sent).not.toHaveProperty('continue_final_message');
});

test('an endpoint that begins anew instead of repeating is not believed', async () => {
  const second = { prefill: { form: 'trailing-assistant', repeats: true } } as const;
  const { view } = await cutAndContinued(begun, streamed(text('Once upon')), { second });
  expect(view).toMatchObject({ text: numberedText(1, 4), done: false, errorCode: 'upstream_stream_error' });
});

test('a stop string that begins before the seam and ends behind it ends the answer', async () => {
  const { view } = await cutAndContinued(begun, streamed(text('E'), text('ND and more')), { body: { stop: ['4>END'] } });
  expect(view).toMatchObject({ text: numberedText(1, 4), done: true, finishReasons: ['stop'] });
});

test('what only looked like such a stop string is released', async () => {
  const { view } = await cutAndContinued(begun, streamed(text('E'), text('N'), text('X'), ...numbers(5, 5)), { body: { stop: ['4>END'] } });
  expect(view).toMatchObject({ text: `${numberedText(1, 4)}ENX<5>`, done: true });
});

test('with tools on offer, text goes on by prefill and the call that follows passes', async () => {
  const call =
    '{"id":"other","created":9,"model":"up","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}}]}';
  const finish = '{"id":"other","model":"up","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}';
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
  const second: Script = { pieces: [streamHead, chunk(event(call)), chunk(event(finish) + event('[DONE]')), lastChunk], end: 'keep' };
  const { view, answer } = await cutAndContinued(begun, second, { body: { tools } });
  expect(view).toMatchObject({ text: numberedText(1, 4), done: true, finishReasons: ['tool_calls'], ids: new Set(['chatcmpl-up']) });
  expect(answer.text).toContain('"name":"f","arguments":"{}"');
});

test('ids told before their text are handed over with it, never alone', async () => {
  const half = event('{"id":"chatcmpl-up","choices":[{"index":0,"delta":{},"token_ids":[744]}]}');
  const lost: Script = {
    pieces: [streamHead, chunk(withIds.role), chunk(withIds.content(1)), chunk(half), chunk(withIds.content(2)), chunk(half)],
    end: 'rst',
  };
  const ids = { tokenIds: true } as const;
  const { sent } = await cutAndContinued(lost, streamed(), { first: ids, second: ids });
  expect(sent['prompt']).toEqual([1, 2, 3, 1001, 744, 1002]);
});

test.each(['exact', 'token-ids', 'none'])('a request that asks for %s is not continued from its text', async (asked) => {
  const { view } = await cutAndContinued(begun, streamed(...numbers(5, 8)), { headers: { 'x-second-source-continuation': asked } });
  expect(view).toMatchObject({ text: numberedText(1, 4), done: false, errorCode: 'upstream_stream_error' });
});

const callPiece = (args: string, head = ''): string =>
  chunk(
    event(
      `{"id":"chatcmpl-up","model":"up","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,${head}"function":{${head === '' ? '' : '"name":"f",'}"arguments":${JSON.stringify(args)}}}]}}]}`,
    ),
  );
const callHead = '"id":"c","type":"function",';
const callEnd = [chunk(event('{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}') + event('[DONE]')), lastChunk];
const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];

test('a tool call that is held back until it is whole restarts unseen when its endpoint is lost', async () => {
  const lost: Script = { pieces: [streamHead, chunk(plain.role), callPiece('{"a":', callHead)], end: 'rst' };
  const other: Script = { pieces: [streamHead, chunk(plain.role), callPiece('{"b":', callHead), callPiece('1}'), ...callEnd], end: 'keep' };
  const { view, answer } = await cutAndContinued(lost, other, { body: { tools } }, { continuation: { hold: 'structured' } });
  expect(view).toMatchObject({ done: true, finishReasons: ['tool_calls'] });
  expect(answer.text).not.toContain('{\\"a\\":');
  expect(answer.text).toContain('{\\"b\\":');
});

test('an answer in JSON that is held back restarts too, and without holding ends honestly', async () => {
  const body = { response_format: { type: 'json_object' } };
  const held = await cutAndContinued(begun, streamed(...numbers(1, 8)), { body }, { continuation: { hold: 'structured' } });
  expect(held.view).toMatchObject({ text: numberedText(1, 8), done: true });
  const released = await cutAndContinued(begun, streamed(...numbers(1, 8)), { body });
  expect(released.view).toMatchObject({ text: numberedText(1, 4), done: false, errorCode: 'upstream_stream_error' });
});

test('what is too much to hold is released as it comes', async () => {
  const limits = { holdBytes: 300 };
  const { view } = await cutAndContinued(
    begun,
    streamed(),
    { body: { response_format: { type: 'json_object' } } },
    { continuation: { hold: 'structured' }, limits },
  );
  expect(view).toMatchObject({ text: numberedText(1, 4), done: false, errorCode: 'upstream_stream_error' });
});
