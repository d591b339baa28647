import OpenAI from 'openai';
import { modelName } from './engine-folder.ts';
import { question, weatherTool } from '../../test/sdk/sdk-expectations.ts';
import type { LoneEngine } from './lone-engine.ts';
import type { SdkRow } from './sdk-row.ts';

interface Outcome {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string;
  readonly answer: OpenAI.ChatCompletion | undefined;
}

/** What engines are known to take otherwise than published, as the client must see it through us. */
interface Quirk {
  readonly name: string;
  readonly asked: object;
  readonly isHonest: (outcome: Outcome) => boolean;
}

const tool = { type: 'function', function: { name: weatherTool.name, description: weatherTool.description, parameters: weatherTool.schema } };
const weather = { messages: [{ role: 'user', content: 'What is the weather in Paris?' }], max_tokens: 64, tools: [tool] };
const hello = { messages: [{ role: 'user', content: question.prompt }], max_tokens: question.maxTokens };
/** Of the answer, so that it is come to. */
const stop = 'service';
const longPrompt = 'long words here '.repeat(3000);
const shownCharacters = 160;

const quirks: readonly Quirk[] = [
  {
    name: 'tools, left to the model',
    asked: weather,
    isHonest: ({ answer, code }) => called(answer) || code === 'unsupported_value',
  },
  {
    name: 'tools, the tool named',
    // A question that no model would call a tool for by itself.
    asked: { ...hello, max_tokens: 64, tools: [tool], tool_choice: { type: 'function', function: { name: weatherTool.name } } },
    isHonest: ({ answer, code }) => called(answer) || code === 'unsupported_value',
  },
  {
    name: 'tools, one required of a question about something else',
    asked: { ...hello, max_tokens: 64, tools: [tool], tool_choice: 'required' },
    // An answer that reached its limit says so, and what it would have come to is the model's.
    isHonest: ({ answer, code }) => called(answer) || code === 'unsupported_value' || answer?.choices[0]?.finish_reason === 'length',
  },
  {
    name: 'log probabilities',
    asked: { ...hello, logprobs: true, top_logprobs: 2 },
    isHonest: ({ answer, code }) => (answer?.choices[0]?.logprobs?.content?.length ?? 0) > 0 || code === 'unsupported_value',
  },
  {
    name: 'a stop sequence',
    asked: { ...hello, stop: [stop] },
    isHonest: ({ answer, code }) => answer?.choices[0]?.message.content?.includes(stop) === false || code === 'unsupported_value',
  },
  { name: 'max_tokens: -1', asked: { ...hello, max_tokens: -1 }, isHonest: ({ status }) => status === 400 },
  { name: 'a field that nobody knows', asked: { ...hello, frobnicate: 1 }, isHonest: ({ status }) => status === 400 },
  {
    name: 'a prompt of 9,000 words',
    asked: { ...hello, messages: [{ role: 'user', content: longPrompt }] },
    isHonest: ({ code, answer }) => code === 'context_length_exceeded' || (answer?.usage?.prompt_tokens ?? 0) > 9000,
  },
];

/** Asked with the `openai` client alone: these are the engine's ways, not the SDK's. */
export async function checkQuirks({ url }: LoneEngine): Promise<readonly { readonly name: string; readonly rows: readonly SdkRow[] }[]> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'a-key', maxRetries: 0 });
  const rows: { name: string; rows: SdkRow[] }[] = [];
  for (const { name, asked, isHonest } of quirks) {
    const outcome = await ask(client, asked);
    rows.push({ name, rows: [{ sdk: 'openai', held: isHonest(outcome), what: told(outcome) }] });
  }
  return rows;
}

async function ask(client: OpenAI, asked: object): Promise<Outcome> {
  try {
    // The types would refuse what is asked on purpose.
    const answer = await client.post<OpenAI.ChatCompletion>('/chat/completions', { body: { model: modelName, temperature: 0, ...asked } });
    return { status: 200, code: undefined, message: '', answer };
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error;
    return { status: error.status ?? 0, code: error.code ?? undefined, message: error.message, answer: undefined };
  }
}

function called(answer: OpenAI.ChatCompletion | undefined): boolean {
  const choice = answer?.choices[0];
  return choice?.finish_reason === 'tool_calls' && (choice.message.tool_calls?.length ?? 0) > 0;
}

function told({ status, code, message, answer }: Outcome): string {
  const choice = answer?.choices[0];
  if (choice === undefined) return `refused with ${status} \`${code ?? 'no code'}\` (${message.replace(/^\d{3} /, '')})`;
  const [call] = choice.message.tool_calls ?? [];
  const said =
    call?.type === 'function' ? `${call.function.name}(${call.function.arguments})` : `“${(choice.message.content ?? '').slice(0, shownCharacters)}”`;
  const logprobs = choice.logprobs?.content?.length;
  return `${said}, finish_reason ${choice.finish_reason}, ${answer?.usage?.prompt_tokens ?? 'no'} tokens in${logprobs === undefined ? '' : `, log probabilities of ${logprobs} tokens`}`;
}
