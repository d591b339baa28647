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
