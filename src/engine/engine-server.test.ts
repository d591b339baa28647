import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { callEngine, callJson, callStream, readMetric, streamEvents, type Chunk } from './testing/call-engine.ts';
import { startDemoEngine } from './testing/start-demo-engine.ts';

let started: Awaited<ReturnType<typeof startDemoEngine>>;
let socket = '';
beforeAll(async () => {
  started = await startDemoEngine({ maxWaiting: 2, sequences: 2 });
  socket = started.socketPath;
}, 30_000);
afterAll(() => started.close());

const parsedObject = (text: string | null | undefined): Record<string, unknown> => z.record(z.string(), z.unknown()).parse(JSON.parse(text ?? ''));
const chatPath = '/v1/chat/completions';
const ask = (content: string): object => ({ model: 'demo', messages: [{ role: 'user', content }], temperature: 0 });
const content = (chunks: readonly Chunk[]): string => chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join('');
const finish = (chunks: readonly Chunk[]): string | null | undefined =>
  chunks.findLast((chunk) => chunk.choices.length > 0)?.choices[0]?.finish_reason;
/** An answer that goes on until its limit. */
const endless = (length: number): object => ({
  model: 'demo',
  prompt: 'A',
  max_tokens: length,
  temperature: 1,
  ignore_eos: true,
});

test('a greedy answer is the same each time, streamed or whole, chat or raw', async () => {
  const whole = await callJson(socket, chatPath, { ...ask('What is a second source?'), max_tokens: 40, return_token_ids: true });
  const text = whole.choices[0]?.message?.content;
  const streamed = await callStream(socket, chatPath, { ...ask('What is a second source?'), max_tokens: 40 });
  expect(content(streamed)).toBe(text);
  const raw = await callJson(socket, '/v1/completions', { model: 'demo', prompt: whole.prompt_token_ids, max_tokens: 40, temperature: 0 });
  expect(raw.choices[0]?.text).toBe(text);
});

test('a stream has vLLM’s shape: role and prompt ids first, then ids with their text, usage, and the end mark', async () => {
  const { text, headers } = await callEngine(socket, chatPath, {
    ...ask('Hello!'),
    max_tokens: 12,
    stream: true,
    return_token_ids: true,
    stream_options: { include_usage: true },
  });
  expect(headers['content-type']).toContain('text/event-stream');
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  const chunks = streamEvents(text);
  expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' });
  expect(chunks[0]?.prompt_token_ids?.length).toBeGreaterThan(3);
  expect(typeof chunks[0]?.x_second_source_seed).toBe('number');
  const usage = chunks.at(-1)?.usage;
  expect(chunks.at(-1)?.choices).toEqual([]);
  const ids = chunks.flatMap((chunk) => chunk.choices[0]?.token_ids ?? []);
  expect(usage?.completion_tokens).toBe(ids.length);
  expect(usage?.prompt_tokens).toBe(chunks[0]?.prompt_token_ids?.length);
  expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason).length).toBe(1);
});

test('a stop string ends the answer before it, also across tokens, and its ids stay inside', async () => {
  const full = await callJson(socket, chatPath, { ...ask('What is a second source?'), max_tokens: 40 });
  const text = full.choices[0]?.message?.content ?? '';
  for (const [from, size] of [
    [3, 9],
    [10, 3],
    [17, 6],
  ] as const) {
    const stop = text.slice(from, from + size);
    const cut = await callStream(socket, chatPath, {
      ...ask('What is a second source?'),
      max_tokens: 40,
      stop: ['~never~', stop],
      return_token_ids: true,
    });
    expect(content(cut)).toBe(text.slice(0, text.indexOf(stop)));
    expect(finish(cut)).toBe('stop');
    expect(cut.flatMap(({ choices }) => choices).at(-1)?.stop_reason).toBe(stop);
  }
});

test('a seed fixes a sampled answer, and a drawn seed is reported so that it can be used again', async () => {
  const sampled = { ...ask('Tell me about silicon'), temperature: 1.5, max_tokens: 24 };
  const first = await callJson(socket, chatPath, sampled);
  const again = await callJson(socket, chatPath, { ...sampled, seed: first.x_second_source_seed });
  expect(again.choices[0]?.message?.content).toBe(first.choices[0]?.message?.content);
  const answers = await Promise.all(
    [1, 2, 3, 4].map(async (seed) => (await callJson(socket, chatPath, { ...sampled, seed })).choices[0]?.message?.content),
  );
  expect(new Set(answers).size).toBeGreaterThan(1);
});

test('log probabilities are those of the model, with the picked token among the likeliest', async () => {
  const answer = await callJson(socket, chatPath, { ...ask('Hello!'), max_tokens: 5, logprobs: true, top_logprobs: 3 });
  const entries = answer.choices[0]?.logprobs?.content ?? [];
  expect(entries.length).toBeGreaterThan(0);
  expect(entries.map((entry) => entry.token).join('')).toBe(answer.choices[0]?.message?.content);
  for (const entry of entries) {
    expect(entry.top_logprobs).toHaveLength(3);
    expect(entry.top_logprobs[0]?.logprob).toBe(entry.logprob);
    expect(entry.logprob).toBeLessThanOrEqual(0);
    expect(new TextDecoder().decode(Uint8Array.from(entry.bytes))).toBe(entry.token);
  }
  const raw = await callJson(socket, '/v1/completions', { model: 'demo', prompt: 'Second', max_tokens: 4, temperature: 0, logprobs: 2 });
  expect(raw.choices[0]?.logprobs?.tokens?.join('')).toBe(raw.choices[0]?.text);
});

test('a frequency penalty of two keeps tokens from coming again and again', async () => {
  const answer = await callJson(socket, '/v1/completions', {
    model: 'demo',
    prompt: 'a a a a a a',
    max_tokens: 40,
    temperature: 0,
    frequency_penalty: 2,
    return_token_ids: true,
  });
  const ids = answer.choices[0]?.token_ids ?? [];
  expect(new Set(ids).size).toBeGreaterThan(ids.length / 2);
});

test('a JSON schema binds the answer', async () => {
  const schema = {
    type: 'object',
    properties: { name: { type: 'string', maxLength: 12 }, age: { type: 'integer' }, kind: { enum: ['chip', 'vendor'] }, note: { type: 'null' } },
    required: ['name', 'kind'],
  };
  for (const seed of [1, 2, 3]) {
    const answer = await callJson(socket, chatPath, {
      ...ask('Describe a chip'),
      temperature: 1,
      seed,
      max_tokens: 120,
      response_format: { type: 'json_schema', json_schema: { name: 'thing', schema } },
    });
    const value = parsedObject(answer.choices[0]?.message?.content);
    expect(typeof value['name']).toBe('string');
    expect(['chip', 'vendor']).toContain(value['kind']);
    expect(Object.keys(value).every((key) => key in schema.properties)).toBe(true);
  }
});

const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Weather',
      parameters: { type: 'object', properties: { city: { type: 'string', maxLength: 16 } }, required: ['city'] },
    },
  },
  { type: 'function', function: { name: 'list_chips', parameters: { type: 'object', properties: {}, additionalProperties: false } } },
];

test('a required tool call is made, whole and streamed, with arguments that fit the schema', async () => {
  const request = {
    ...ask('What is the weather in Paris?'),
    max_tokens: 90,
    tools,
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
  };
  const whole = await callJson(socket, chatPath, request);
  const call = whole.choices[0]?.message?.tool_calls?.[0];
  expect(whole.choices[0]?.finish_reason).toBe('tool_calls');
  expect(call?.function.name).toBe('get_weather');
  expect(typeof parsedObject(call?.function.arguments)['city']).toBe('string');
  const streamed = await callStream(socket, chatPath, request);
  const deltas = streamed.flatMap((chunk) => chunk.choices[0]?.delta?.tool_calls ?? []);
  expect(deltas[0]?.id).toMatch(/^call_/u);
  expect(deltas[0]?.function.name).toBe('get_weather');
  expect(deltas.map((delta) => delta.function.arguments).join('')).toBe(call?.function.arguments);
  expect(finish(streamed)).toBe('tool_calls');
  const either = await callJson(socket, chatPath, { ...request, tool_choice: 'required', temperature: 1, seed: 5 });
  expect(either.choices[0]?.message?.tool_calls?.length).toBe(1);
});

test('with tools at hand, plain text still comes as text', async () => {
  const answer = await callJson(socket, chatPath, { ...ask('Hello!'), max_tokens: 20, tools, tool_choice: 'none' });
  expect(answer.choices[0]?.message?.tool_calls).toBeUndefined();
  expect(answer.choices[0]?.message?.content?.length).toBeGreaterThan(0);
});

test('a repeated prompt is read from the cache, but for its end', async () => {
  const prompt = Array.from({ length: 120 }, (_, index) => 300 + ((index * 7) % 500));
  const run = () => callJson(socket, '/v1/completions', { model: 'demo', prompt, max_tokens: 2, temperature: 0 });
  const first = await run();
  const second = await run();
  expect(second.usage?.prompt_tokens_details.cached_tokens).toBe(118);
  expect(second.choices[0]?.text).toBe(first.choices[0]?.text);
});

test('a client’s leaving stops its work, and other answers go on', async () => {
  const before = await readMetric(socket, 'requests_aborted_total');
  const other = callStream(socket, '/v1/completions', endless(150));
  await callEngine(socket, '/v1/completions', { ...endless(900), stream: true }, (_, sent) => sent.destroy());
  // How soon is measured by `npm run benchmark:clients`; that it was not heard out is what counts here.
  await expect.poll(() => readMetric(socket, 'requests_running'), { interval: 2 }).toBeLessThan(2);
  expect(await readMetric(socket, 'requests_aborted_total')).toBe(before + 1);
  expect(finish(await other)).toBe('length');
  const generated = await readMetric(socket, 'generated_tokens_total');
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(await readMetric(socket, 'generated_tokens_total')).toBe(generated);
});

test('an answer waits for a client that does not read, and others are served meanwhile', async () => {
  const request = { ...ask('Hello!'), max_tokens: 900, ignore_eos: true, stream: true, logprobs: true, top_logprobs: 20 };
  const before = await readMetric(socket, 'generated_tokens_total');
  const slowSockets = new Set<Socket>();
  const slow = callEngine(socket, chatPath, request, (_, sent) => {
    if (sent.socket !== null && !slowSockets.has(sent.socket)) slowSockets.add(sent.socket.pause());
  });
  let generated = -1;
  await expect
    .poll(
      async () => {
        const last = generated;
        generated = (await readMetric(socket, 'generated_tokens_total')) - before;
        return generated > 0 && generated === last;
      },
      { interval: 150, timeout: 10_000 },
    )
    .toBe(true);
  expect(generated).toBeLessThan(900);
  expect(finish(await callStream(socket, '/v1/completions', endless(20)))).toBe('length');
  expect(await readMetric(socket, 'requests_running')).toBe(1);
  slowSockets.forEach((paused) => paused.resume());
  const answer = await slow;
  expect(streamEvents(answer.text).at(-1)?.choices[0]?.finish_reason).toBe('length');
});

// The two long answers must still run when the others arrive: on a machine that is busy with more, that race may be lost.
test('past the waiting limit a request gets a 429 that says when to come back', { retry: 3 }, async () => {
  const refusedBefore = await readMetric(socket, 'requests_rejected_total');
  const leaving: (() => void)[] = [];
  const long = [1, 2].map(() =>
    callEngine(socket, '/v1/completions', { ...endless(900), stream: true }, (_, sent) => leaving.push(() => sent.destroy())),
  );
  await expect.poll(() => readMetric(socket, 'requests_running'), { interval: 2 }).toBe(2);
  const sent = [1, 2, 3, 4].map(() => callEngine(socket, '/v1/completions', { ...endless(5), stream: true }));
  await expect.poll(() => readMetric(socket, 'requests_rejected_total'), { interval: 2 }).toBe(refusedBefore + 2);
  leaving.forEach((leave) => leave());
  const answers = await Promise.all(sent);
  await Promise.all(long);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(2);
  expect(refused[0]?.headers['retry-after']).toBe('1');
  expect(JSON.parse(refused[0]?.text ?? '')).toMatchObject({ error: { type: 'rate_limit_error', code: 'engine_overloaded' } });
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
});

const patternFormat = { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'string', pattern: 'a' } } };

test.each([
  ['a body that is not JSON', '/v1/chat/completions', '{"model":', 400, 'invalid_json'],
  ['no messages', '/v1/chat/completions', { model: 'demo', messages: [] }, 400, 'invalid_value'],
  ['max_tokens below one', '/v1/chat/completions', { ...ask('x'), max_tokens: 0 }, 400, 'invalid_value'],
  ['a wrong type', '/v1/chat/completions', { ...ask('x'), temperature: 'hot' }, 400, 'invalid_value'],
  ['n above one', '/v1/chat/completions', { ...ask('x'), n: 2 }, 400, 'unsupported_value'],
  ['five stop strings', '/v1/chat/completions', { ...ask('x'), stop: ['a', 'b', 'c', 'd', 'e'] }, 400, 'invalid_value'],
  ['an unknown model', '/v1/chat/completions', { ...ask('x'), model: 'other' }, 404, 'model_not_found'],
  ['an answer over the context', '/v1/chat/completions', { ...ask('x'), max_tokens: 5000 }, 400, 'context_length_exceeded'],
  ['a prompt over the context', '/v1/chat/completions', ask('word '.repeat(2000)), 400, 'context_length_exceeded'],
  ['a forced call without tools', '/v1/chat/completions', { ...ask('x'), tool_choice: 'required' }, 400, 'invalid_value'],
  ['a schema it cannot enforce', '/v1/chat/completions', { ...ask('x'), response_format: patternFormat }, 400, 'unsupported_value'],
  ['an unknown token', '/v1/completions', { model: 'demo', prompt: [1, 99_999_999] }, 400, 'invalid_value'],
  ['an empty prompt', '/v1/completions', { model: 'demo', prompt: [] }, 400, 'invalid_value'],
  ['a body over the limit', '/v1/completions', `{"x":"${'x'.repeat(9_000_000)}"}`, 413, 'request_too_large'],
  ['an unknown path', '/v1/nothing', {}, 404, 'unknown_url'],
  ['a wrong method', '/v1/models', {}, 405, 'method_not_allowed'],
])('%s is refused in OpenAI’s shape', async (_, path, body, status, code) => {
  const answer = await callEngine(socket, path, body);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toMatchObject({ error: { code, message: expect.stringMatching(/./u) } });
});

test('unknown fields are ignored', async () => {
  const answer = await callEngine(socket, chatPath, { ...ask('Hello!'), max_tokens: 3, made_up: { deep: true } });
  expect(answer.status).toBe(200);
});

test('embeddings come as floats or base64, for texts and ids, with length one', async () => {
  const vectors = async (request: object): Promise<unknown[]> => {
    const { data } = z
      .object({ data: z.array(z.object({ embedding: z.unknown() })) })
      .parse(parsedObject((await callEngine(socket, '/v1/embeddings', request)).text));
    return data.map(({ embedding }) => embedding);
  };
  const floats = z.array(z.array(z.number())).parse(await vectors({ model: 'demo', input: ['silicon', 'a chip'] }));
  const packed = z.array(z.string()).parse(await vectors({ model: 'demo', input: 'silicon', encoding_format: 'base64' }));
  expect(floats).toHaveLength(2);
  const vector = floats[0] ?? [];
  expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
  const bytes = Buffer.from(packed[0] ?? '', 'base64');
  const unpacked = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
  expect(unpacked).toEqual(vector.map(Math.fround));
  const ids = await callEngine(socket, '/v1/embeddings', {
    model: 'demo',
    input: [
      [5, 6, 7],
      [8, 9],
    ],
  });
  expect(ids.status).toBe(200);
});

test('the model list, health and silicon can be read', async () => {
  expect(JSON.parse((await callEngine(socket, '/v1/models')).text)).toMatchObject({ data: [{ id: 'demo' }] });
  expect((await callEngine(socket, '/health')).status).toBe(200);
  expect(JSON.parse((await callEngine(socket, '/v1/silicon')).text)).toMatchObject({ evidence: 'measured', backend: 'cpu', threads: 1 });
});
