import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../src/std/is-record.ts';
import { postRaw, viewStream } from '../support/read-answer.ts';
import type { Asked, AskedTool, ObjectSchema, SdkClient } from './sdk-client.ts';

/** Whether a promise was kept, and what the SDK's user had in hand. */
export interface Verdict {
  readonly held: boolean;
  readonly what: string;
}

/** What every SDK is promised of an engine that can do it. */
export interface Expectation {
  readonly name: 'chat' | 'stream' | 'tools' | 'JSON schema';
  readonly claim: string;
  /** What is asked, in the words of chat completions: some engines do not heed it, and the gateway refuses it for them. */
  readonly needs: object;
  /** `said` is what `saidByGateway` gives: every SDK must show its user the same. */
  readonly judge: (client: SdkClient, model: string, said: string) => Promise<Verdict>;
}

export const question = { prompt: 'What is Second Source?', maxTokens: 24 } as const;
export const citySchema: ObjectSchema = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Paris', 'Rome'] } },
  required: ['city'],
  additionalProperties: false,
};
export const weatherTool: AskedTool = { name: 'get_weather', description: 'Get the current weather in a city', schema: citySchema };
const weather = { prompt: 'What is the weather in Paris?', maxTokens: 64 } as const;

export const expectations: readonly Expectation[] = [
  { name: 'chat', claim: 'an answer is what the engine said, with what it cost', needs: {}, judge: judgeChat },
  { name: 'stream', claim: 'a stream brings the same, piece by piece', needs: {}, judge: judgeStream },
  {
    name: 'tools',
    claim: 'a tool that must be called is, with arguments of its schema, whole and streamed',
    needs: { tools: [{ type: 'function' }], tool_choice: 'required' },
    judge: judgeTools,
  },
  {
    name: 'JSON schema',
    claim: 'JSON is that of the schema, whole and streamed',
    needs: { response_format: { type: 'json_schema' } },
    judge: judgeSchema,
  },
];

/** Questions that no engine is asked: the SDK throws with this status. */
export const refusedQuestions: readonly { readonly name: string; readonly changed: Partial<Asked>; readonly status: number }[] = [
  { name: 'an unknown model', changed: { model: 'gpt-9' }, status: 404 },
  { name: 'a tool with too long a name', changed: { tools: [{ ...weatherTool, name: 'x'.repeat(65) }] }, status: 400 },
];

/** What the gateway itself streams to `question`. */
export async function saidByGateway(url: string, model: string): Promise<string> {
  const { prompt: content, maxTokens } = question;
  const body = { model, messages: [{ role: 'user', content }], max_tokens: maxTokens, temperature: 0, stream: true };
  return viewStream((await postRaw(`${url}/v1/chat/completions`, JSON.stringify(body))).text).text;
}

/** The status that an SDK threw for a question; undefined where it did not throw, or threw something else. */
export async function thrownStatus(client: SdkClient, asked: Asked): Promise<number | undefined> {
  return client.ask(asked).then(
    () => undefined,
    (error: unknown) => client.statusOf(error),
  );
}

async function judgeChat(client: SdkClient, model: string, said: string): Promise<Verdict> {
  const seen = await client.ask({ ...question, model });
  const held =
    seen.text === said && seen.calls.length === 0 && seen.end === 'length' && seen.outputTokens === question.maxTokens && (seen.inputTokens ?? 0) > 0;
  const what = `“${seen.text}”, ended by ${seen.end}, ${seen.inputTokens ?? 'no'} tokens in, ${seen.outputTokens ?? 'none'} out`;
  return { held, what: seen.text === said ? what : `${what}, where the gateway says “${said}”` };
}

async function judgeStream(client: SdkClient, model: string): Promise<Verdict> {
  const pieces: string[] = [];
  const whole = await client.ask({ ...question, model });
  const streamed = await client.stream({ ...question, model }, (text) => pieces.push(text));
  const same = isDeepStrictEqual(streamed, whole);
  const held = same && pieces.join('') === whole.text && pieces.length > 1;
  return { held, what: same ? 'the whole answer’s text, end and usage, piece by piece' : `${shown(streamed)}, but whole ${shown(whole)}` };
}

async function judgeTools(client: SdkClient, model: string): Promise<Verdict> {
  const asked = { ...weather, model, tools: [weatherTool] };
  const called = await client.ask(asked);
  const streamed = await client.stream(asked);
  const [call] = called.calls;
  const same = isDeepStrictEqual(streamed.calls, called.calls);
  const held = same && called.calls.length === 1 && call?.name === weatherTool.name && isCity(call.input) && called.end === 'calls';
  const what = `${called.calls.map(({ name, input }) => `${name}(${shown(input)})`).join(', ') || `no call, but “${called.text}”`}, ended by ${called.end}`;
  return { held, what: same ? `${what}, whole and streamed` : `${what}, but streamed ${shown(streamed)}` };
}

async function judgeSchema(client: SdkClient, model: string): Promise<Verdict> {
  const asked = { ...weather, model, schema: citySchema };
  const { text } = await client.ask(asked);
  const streamed = (await client.stream(asked)).text;
  const what = text === streamed ? `${text}, whole and streamed` : `${text}, but streamed ${streamed}`;
  return { held: text === streamed && isCity(parsed(text)), what };
}

function isCity(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 1 && (value['city'] === 'Paris' || value['city'] === 'Rome');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}
