import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import { allSdks } from './all-sdks.ts';
import { translatedGateway, twoCalls, weatherTool } from '../support/dialect-server.ts';
import type { AskedTool, ObjectSchema } from './sdk-client.ts';

const question = { model: 'm', prompt: 'hello', maxTokens: 64 };
const schema: ObjectSchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const tools: readonly AskedTool[] = [{ name: weatherTool.function.name, description: 'The weather of a city', schema }];
const pairs = allSdks.flatMap((sdk) => (['anthropic', 'gemini'] as const).map((dialect) => ({ ...sdk, dialect })));

describe.each(pairs)('$name to an endpoint that speaks $dialect', ({ connect, dialect }) => {
  test('chat and its stream say the same, at the same cost', async () => {
    const { url } = await translatedGateway(dialect, [{ say: { text: ['Four ', 'wörds', ' 🙂.'] } }]);
    const whole = await connect(url, 'a-key').ask(question);
    const pieces: string[] = [];
    const streamed = await connect(url, 'a-key').stream(question, (text) => pieces.push(text));
    expect(whole).toEqual({ text: 'Four wörds 🙂.', calls: [], end: 'stop', inputTokens: 11, outputTokens: 9 });
    expect(streamed).toEqual(whole);
    expect(pieces.join('')).toBe(whole.text);
  });

  test('two calls at once are two calls, whole and streamed', async () => {
    const { url } = await translatedGateway(dialect, [{ say: twoCalls }]);
    const calls = ['Paris', 'Rome'].map((city) => ({ name: 'weather', input: { city } }));
    expect(await connect(url, 'a-key').ask({ ...question, tools })).toMatchObject({ calls, end: 'calls', text: 'Let me see.' });
    expect(await connect(url, 'a-key').stream({ ...question, tools })).toMatchObject({ calls, end: 'calls', text: 'Let me see.' });
  });

  test('a failure there is thrown with the status that it has here', async () => {
    const body =
      dialect === 'gemini' ? '{"error":{"code":503,"status":"UNAVAILABLE"}}' : '{"type":"error","error":{"type":"overloaded_error","message":"no"}}';
    const { url } = await translatedGateway(dialect, [{ fail: dialect === 'gemini' ? 503 : 529, body }]);
    const client = connect(url, 'a-key');
    expect(client.statusOf(await client.ask(question).catch((error: unknown) => error))).toBe(503);
  });
});

test('Anthropic’s SDK to Anthropic’s API loses neither thinking, nor its signature, nor the stop sequence', async () => {
  const thinking = { text: 'Hm.', signature: 'sig' };
  const said = { thinking, text: ['Four words.'], stop: 'stop_sequence', stopSequence: 'END' };
  const { url, lastBody } = await translatedGateway('anthropic', [{ say: said }]);
  const client = new Anthropic({ baseURL: url, apiKey: 'a-key', maxRetries: 0 });
  const cached = { type: 'text', text: 'be brief', cache_control: { type: 'ephemeral', ttl: '1h' } } as const;
  const asked: Anthropic.MessageCreateParamsNonStreaming = {
    model: 'm',
    max_tokens: 64,
    system: [cached],
    stop_sequences: ['END'],
    thinking: { type: 'adaptive' },
    messages: [{ role: 'user', content: 'hello' }],
  };
  const expected = {
    content: [
      { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
      { type: 'text', text: 'Four words.' },
    ],
    stop_reason: 'stop_sequence',
    stop_sequence: 'END',
  };
  const whole = await client.messages.create(asked);
  expect(whole).toMatchObject(expected);
  expect(await client.messages.stream({ ...asked, stream: true }).finalMessage()).toMatchObject(expected);
  await client.messages.create({
    ...asked,
    messages: [...asked.messages, { role: 'assistant', content: whole.content }, { role: 'user', content: 'go on' }],
  });
  expect(lastBody()).toMatchObject({
    system: [cached],
    thinking: { type: 'adaptive' },
    stop_sequences: ['END'],
    messages: [{ role: 'user' }, { role: 'assistant', content: expected.content }, { role: 'user' }],
  });
});
