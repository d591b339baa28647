import { expect, test } from 'vitest';
import fc from 'fast-check';
import { DialectTransport } from './dialect-transport.ts';
import { dialectCase } from '../../test/support/dialect-fixture.ts';
import { generateEvents, generateWhole, messagesEvents, messageWhole, type SaidAnswer } from '../../test/support/dialect-scripts.ts';
import { replayable } from '../std/testing/replayable.ts';
import { sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { systemClock } from '../std/clock.ts';
import { viewStream } from '../../test/support/read-answer.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Transport, UpstreamRequest } from './transport.ts';

interface Heard {
  status: number;
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  text: string;
  end: 'end' | 'error' | 'none';
  sent: UpstreamRequest | undefined;
}

interface Played {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly parts: readonly Uint8Array[];
  readonly end?: 'end' | 'error' | 'none';
}

const question = { model: 'up', messages: [{ role: 'user', content: 'hello' }], stream: true };
const limits = { lineBytes: 1 << 20, eventBytes: 1 << 20, upstreamBodyBytes: 1 << 20 };

/** What an attempt hears of an endpoint's answer, which comes in these parts. */
async function hear(said: Partial<Endpoint>, played: Played, body: object = question): Promise<Heard> {
  const heard: Heard = { status: 0, headers: {}, text: '', end: 'none', sent: undefined };
  const decoder = new TextDecoder();
  const inner: Transport = {
    send: (_endpoint, request, sink) => {
      heard.sent = request;
      sink.onHead(played.status ?? 200, { 'content-type': 'text/event-stream', ...played.headers });
      for (const part of played.parts) sink.onData(part);
      if (played.end === 'error') sink.onError(new Error('broken'));
      else if (played.end !== 'none') sink.onEnd();
      return { abort: () => {}, pause: () => {}, resume: () => {} };
    },
  };
  const request = { method: 'POST', path: '/chat/completions', body: new TextEncoder().encode(JSON.stringify(body)) } as const;
  new DialectTransport(inner, limits, systemClock).send(sampleEndpoint(said), request, {
    onHead: (status, headers) => Object.assign(heard, { status, headers }),
    onData: (bytes) => void (heard.text += decoder.decode(bytes, { stream: true })),
    onEnd: () => void (heard.end = 'end'),
    onError: () => void (heard.end = 'error'),
  });
  await Promise.resolve();
  return heard;
}

const whole = (text: string): readonly Uint8Array[] => [Buffer.from(text)];

/** What a client makes of the pieces of one stream. */
function madeOf(stream: string): {
  text: string;
  reasoning: string;
  signature: string;
  calls: { id: string; name: string; args: unknown }[];
  finish: string[];
  done: boolean;
} {
  const deltas = stream
    .split('\n\n')
    .filter((block) => block.startsWith('data: {'))
    .flatMap((block) => JSON.parse(block.slice(6)).choices ?? [])
    .map((choice) => choice.delta);
  const joined = (name: string): string => deltas.map((delta) => delta[name] ?? '').join('');
  const calls: { id: string; name: string; args: string }[] = [];
  for (const call of deltas.flatMap((delta) => delta.tool_calls ?? [])) {
    calls[call.index] ??= { id: call.id, name: call.function.name, args: '' };
    const made = calls[call.index];
    if (made !== undefined) made.args += call.function.arguments;
  }
  const { finishReasons, done } = viewStream(stream);
  return {
    text: joined('content'),
    reasoning: joined('reasoning_content'),
    signature: joined('reasoning_signature'),
    calls: calls.map((call) => ({ ...call, args: JSON.parse(call.args) })),
    finish: finishReasons,
    done,
  };
}

const rich: SaidAnswer = {
  thinking: { text: 'Hm – ünïcode.', signature: 'sig==' },
  text: ['Four ', 'wörds 🙂', ' here.'],
  calls: [
    { id: 'c1', name: 'weather', args: { city: 'Zürich' } },
    { id: 'c2', name: 'now', args: {} },
  ],
};
const dialects = [
  ['anthropic', messagesEvents, 'sig=='],
  ['gemini', generateEvents, ''],
] as const;

test.each(dialects)('%s: the same is heard however the stream is split', async (dialect, write, signature) => {
  const bytes = Buffer.from(write(rich).join(''));
  const expected = {
    text: 'Four wörds 🙂 here.',
    reasoning: 'Hm – ünïcode.',
    signature,
    calls: rich.calls,
    finish: ['tool_calls'],
    done: true,
  };
  for (let at = 0; at <= bytes.length; at += 1) {
    const { text, end } = await hear({ dialect }, { parts: [bytes.subarray(0, at), bytes.subarray(at)] });
    expect(madeOf(text)).toEqual(expected);
    expect(end).toBe('end');
  }
});

test.each(dialects)('%s: a stream that ends anywhere before its own proof is never heard as whole', async (dialect, write) => {
  const bytes = Buffer.from(write({ text: ['Four words.', ' And more.'] }).join(''));
  // Gemini proves by a finish reason and a proper end, so that only its last event makes it whole.
  const proven = dialect === 'gemini' ? bytes.length - 1 : bytes.length;
  for (let at = 0; at < proven; at += 1) {
    const { text } = await hear({ dialect }, { parts: [bytes.subarray(0, at)] });
    expect(text.includes('[DONE]')).toBe(false);
    expect(text).not.toMatch(/"finish_reason":"/);
  }
});

test.each(dialects)('%s: translation loses no text, whatever the text', async (dialect, write) => {
  const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(texts, fc.nat(), async (text, cut) => {
      const bytes = Buffer.from(write({ text }).join(''));
      const at = cut % (bytes.length + 1);
      const heard = madeOf((await hear({ dialect }, { parts: [bytes.subarray(0, at), bytes.subarray(at)] })).text);
      expect(heard).toMatchObject({ text: text.join(''), finish: ['stop'], done: true });
    }),
    replayable('src/upstream/dialect-transport.test.ts', 300),
  );
});

test.each([
  ['anthropic', messageWhole],
  ['gemini', generateWhole],
] as const)('%s: a whole answer says the same, with its usage', async (dialect, write) => {
  const { text } = await hear(
    { dialect },
    { headers: { 'content-type': 'application/json' }, parts: whole(write(rich)) },
    { ...question, stream: false },
  );
  const answer = JSON.parse(text);
  const [choice] = answer.choices;
  expect(choice).toMatchObject({
    finish_reason: 'tool_calls',
    message: { role: 'assistant', content: 'Four wörds 🙂 here.', reasoning_content: 'Hm – ünïcode.' },
  });
  const calls: { id: string; function: { name: string; arguments: string } }[] = choice.message.tool_calls;
  expect(calls.map(({ id, function: made }) => ({ id, name: made.name, args: JSON.parse(made.arguments) }))).toEqual(rich.calls);
  expect(answer.usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 9, total_tokens: 20, prompt_tokens_details: { cached_tokens: 4 } });
});

test.each([
  ['anthropic', messagesEvents, 'max_tokens', 'length'],
  ['anthropic', messagesEvents, 'stop_sequence', 'stop'],
  ['anthropic', messagesEvents, 'refusal', 'content_filter'],
  ['anthropic', messagesEvents, 'model_context_window_exceeded', 'length'],
  ['gemini', generateEvents, 'MAX_TOKENS', 'length'],
  ['gemini', generateEvents, 'SAFETY', 'content_filter'],
  ['gemini', generateEvents, 'RECITATION', 'content_filter'],
] as const)('%s: %s ends as %s', async (dialect, write, stop, reason) => {
  const { text } = await hear({ dialect }, { parts: whole(write({ text: ['x'], stop }).join('')) });
  expect(madeOf(text).finish).toEqual([reason]);
});

test('an error in an Anthropic stream is told as one, and nothing after it is', async () => {
  const events = messagesEvents({ text: ['Four '] }).slice(0, 4);
  const error = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
  const { text } = await hear({ dialect: 'anthropic' }, { parts: whole(events.join('') + error) });
  expect(text).toContain('{"error":{"type":"overloaded_error","code":"overloaded_error","message":"Overloaded"}}');
  expect(text).not.toContain('[DONE]');
});

test('a prompt that Gemini blocks is refused by its content, streamed or whole', async () => {
  const blocked = '{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}';
  expect((await hear({ dialect: 'gemini' }, { parts: whole(`data: ${blocked}\n\n`) })).text).toContain('"type":"content_filter"');
  const answer = await hear({ dialect: 'gemini' }, { headers: { 'content-type': 'application/json' }, parts: whole(blocked) });
  expect(answer.status).toBe(400);
});

test('each dialect is sent its key in its own header, and its own path', async () => {
  const nothing = { parts: [], end: 'none' } as const;
  const anthropic = await hear({ dialect: 'anthropic', key: 'k' }, nothing);
  expect(anthropic.sent).toMatchObject({ path: '/messages', headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' } });
  const gemini = await hear({ dialect: 'gemini', key: 'k' }, nothing);
  expect(gemini.sent).toMatchObject({ path: '/models/up:streamGenerateContent?alt=sse', headers: { 'x-goog-api-key': 'k' } });
  const once = await hear({ dialect: 'gemini', key: 'k' }, nothing, { ...question, stream: false });
  expect(once.sent?.path).toBe('/models/up:generateContent');
  const tuned = await hear({ dialect: 'gemini' }, nothing, { ...question, model: 'tunedModels/a b' });
  expect(tuned.sent?.path).toBe('/tunedModels/a%20b:streamGenerateContent?alt=sse');
});

test('limits are told under the names that every reader of limits knows', async () => {
  const headers = { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': '2026-11-25T09:00:00Z' };
  const heard = await hear({ dialect: 'anthropic' }, { headers, parts: whole(messagesEvents({ text: ['x'] }).join('')) });
  expect(heard.headers).toMatchObject({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': String(Date.UTC(2026, 10, 25, 9)) });
});

test('a refused key of Gemini’s, and how long it asks to wait, are read from the body', async () => {
  const json = { 'content-type': 'application/json' };
  const key = await hear(
    { dialect: 'gemini' },
    { status: 400, headers: json, parts: whole('{"error":{"code":400,"details":[{"reason":"API_KEY_INVALID"}]}}') },
  );
  expect(key.status).toBe(401);
  const busy = await hear(
    { dialect: 'gemini' },
    { status: 429, headers: json, parts: whole('{"error":{"code":429,"details":[{"retryDelay":"3.5s"}]}}') },
  );
  expect(busy).toMatchObject({ status: 429, headers: { 'retry-after-ms': '3500' } });
});

test('what a dialect has no word for is refused as unsupported, without a request', async () => {
  const messages = [{ role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: 'no json' } }] }];
  const heard = await hear({ dialect: 'anthropic' }, { parts: [] }, { ...question, messages });
  expect(heard).toMatchObject({ status: 400, end: 'end', sent: undefined });
  expect(heard.text).toContain('not supported');
});

test.each(['groq/text-stream', 'gemini-openai/parallel-tools-stream', 'mistral/thinking-stream'])(
  '%s is rewritten alike however it is split',
  async (name) => {
    const [profile = '', fixture = ''] = name.split('/');
    const bytes = Buffer.from(dialectCase(profile, fixture).body);
    const body = { ...question, tools: [] };
    const expected = (await hear({ profile }, { parts: [bytes] }, body)).text;
    for (let at = 0; at <= bytes.length; at += 1)
      expect((await hear({ profile }, { parts: [bytes.subarray(0, at), bytes.subarray(at)] }, body)).text).toBe(expected);
  },
);

test('without quirks, or without tools where only calls differ, every byte passes as it came', async () => {
  const bytes = Buffer.from(dialectCase('gemini-openai', 'tool-stream').body);
  for (const profile of ['openai-compatible', 'openai', 'vllm', 'gemini-openai'])
    expect((await hear({ profile }, { parts: [bytes] })).text).toBe(bytes.toString());
});

test('a stream that is cut inside an event is heard as cut', async () => {
  const bytes = Buffer.from(dialectCase('groq', 'text-stream').body);
  const { text } = await hear({ profile: 'groq' }, { parts: [bytes.subarray(0, bytes.length - 3)] });
  expect(text.endsWith('data: ')).toBe(true);
});

test('an unknown model of `transformers serve` is the configuration’s fault, not the client’s', async () => {
  const heard = await hear(
    { profile: 'transformers-serve' },
    { status: 400, headers: { 'content-type': 'application/json' }, parts: whole('{"detail":"Server is pinned to \'tiny\'; requested \'nope\'."}') },
  );
  expect(heard.status).toBe(404);
});
