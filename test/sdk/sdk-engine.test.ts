import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allSdks } from './all-sdks.ts';
import { expectations, question, saidByGateway } from './sdk-expectations.ts';
import { readMetric } from '../../src/engine/testing/call-engine.ts';
import { startDemoEngine } from '../../src/engine/testing/start-demo-engine.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const engineModel = 'demo';
const model = 'm';

let engine: Awaited<ReturnType<typeof startDemoEngine>>;
let gate: TestGateway;

beforeAll(async () => {
  engine = await startDemoEngine({ modelName: engineModel });
  gate = await startTestGateway([{ id: 'engine', origin: '', socketPath: engine.socketPath, upstreamModel: engineModel, countsPrompts: true }]);
}, 120_000);

afterAll(async () => {
  await gate.stop();
  await engine.close();
});

test('@anthropic-ai/sdk: which stop sequence ended the answer is told, whole and streamed', async () => {
  const client = new Anthropic({ baseURL: gate.url, apiKey: 'a-key', maxRetries: 0 });
  const text = await saidByGateway(gate.url, model);
  const stop = text.split(' ')[2] ?? '';
  const { prompt, maxTokens } = question;
  const asked: Anthropic.MessageCreateParamsNonStreaming & { readonly temperature: number } = {
    model,
    max_tokens: maxTokens,
    messages: [{ role: 'user', content: prompt }],
    stop_sequences: ['~never~', stop],
    temperature: 0,
  };
  const expected = { stop_reason: 'stop_sequence', stop_sequence: stop, content: [{ text: text.slice(0, text.indexOf(stop)) }] };
  expect(await client.messages.create(asked)).toMatchObject(expected);
  expect(await client.messages.stream({ ...asked, stream: true }).finalMessage()).toMatchObject(expected);
});

test('a prompt is counted as it would be billed, in both APIs', async () => {
  const anthropic = new Anthropic({ baseURL: gate.url, apiKey: 'a-key', maxRetries: 0 });
  const openai = new OpenAI({ baseURL: `${gate.url}/v1`, apiKey: 'a-key', maxRetries: 0 });
  const { prompt } = question;
  const billed = (await openai.responses.create({ model, input: prompt, max_output_tokens: 1 })).usage?.input_tokens;
  const { data, response } = await anthropic.messages.countTokens({ model, messages: [{ role: 'user', content: prompt }] }).withResponse();
  expect([data.input_tokens, response.headers.get('x-second-source-token-count')]).toEqual([billed, 'counted']);
  expect(await openai.responses.inputTokens.count({ model, input: prompt })).toEqual({ object: 'response.input_tokens', input_tokens: billed });
});

test('openai, responses: log-probabilities stand with the text that they are of, whole and streamed', async () => {
  const { responses } = new OpenAI({ baseURL: `${gate.url}/v1`, apiKey: 'a-key', maxRetries: 0 });
  const asked: Pick<
    OpenAI.Responses.ResponseCreateParamsNonStreaming,
    'model' | 'input' | 'include' | 'top_logprobs' | 'temperature' | 'max_output_tokens'
  > = {
    model,
    input: question.prompt,
    include: ['message.output_text.logprobs'],
    top_logprobs: 2,
    temperature: 0,
    max_output_tokens: 6,
  };
  for (const answer of [await responses.create(asked), await responses.stream(asked).finalResponse()]) {
    const parts = answer.output.flatMap((item) => (item.type === 'message' ? item.content : []));
    const told = parts.flatMap((part) => (part.type === 'output_text' ? (part.logprobs ?? []) : []));
    expect(told.map(({ token }) => token).join('')).toBe(answer.output_text);
    for (const { logprob, top_logprobs: top } of told) expect([logprob <= 0, top.length]).toEqual([true, 2]);
  }
});

describe.each(allSdks)('$name through the gateway against the real engine', ({ connect }) => {
  const client = (): ReturnType<typeof connect> => connect(gate.url, 'a-key');

  test.each(expectations)('$claim', async ({ judge }) => {
    expect(await judge(client(), model, await saidByGateway(gate.url, model))).toMatchObject({ held: true });
  });

  test('an abort in the middle ends the engine’s work', async () => {
    const abortedSoFar = (): Promise<number> => readMetric(engine.socketPath, 'requests_aborted_total');
    const before = await abortedSoFar();
    // The engine may be done with its story before an SDK has told its first word: then another one is asked for.
    for (let tries = 0; tries < 25 && (await abortedSoFar()) === before; tries += 1) {
      const charges = gate.charges.length;
      const aborter = new AbortController();
      const asked = { model, prompt: `Tell me a long story about chips, number ${tries}.`, maxTokens: 900, signal: aborter.signal };
      // Some SDKs throw on an abort and others end quietly: what matters is that nothing goes on.
      await client()
        .stream(asked, () => aborter.abort())
        .catch(() => {});
      await expect.poll(() => gate.charges.length).toBe(charges + 1);
      await expect.poll(() => readMetric(engine.socketPath, 'requests_running')).toBe(0);
    }
    expect(await abortedSoFar()).toBe(before + 1);
    expect(gate.charges.at(-1)).toMatchObject({ outcome: 'client_closed' });
  }, 120_000);
});

test.each(allSdks.flatMap(({ name, connect }) => ('embed' in connect('http://127.0.0.1:1', 'x') ? [{ name, connect }] : [])))(
  '$name: an embedding is the engine’s',
  async ({ connect }) => {
    const embedding = await connect(gate.url, 'a-key').embed?.(model, 'a text');
    const length = Math.hypot(...(embedding ?? []));
    expect(length).toBeCloseTo(1, 3);
  },
);
