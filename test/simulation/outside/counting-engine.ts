import {
  countedText,
  promptIds,
  promptTokenCount,
  readPromptIds,
  readPromptText,
  tokenId,
  type CountedAnswer,
  type CountedTask,
} from './counted-answer.ts';
import { llamaDialect, openaiDialect, rawDialect, sglangDialect, vllmDialect, type DialectName, type EngineDialect } from './engine-dialect.ts';

/** An engine that counts as it is told, and goes on where a prompt ends. */
export interface CountingEngine {
  readonly name: DialectName;
  readonly chat: EngineDialect;
  readonly raw: EngineDialect;
  /** vLLM goes on with a text only if told to, and begins a new turn otherwise; llama.cpp's server says it again first. */
  readonly prefill: 'if told' | 'repeats' | 'new turn';
}

export const countingEngines: Readonly<Record<DialectName, CountingEngine>> = {
  openai: { name: 'openai', chat: openaiDialect, raw: rawDialect(false), prefill: 'new turn' },
  vllm: { name: 'vllm', chat: vllmDialect, raw: rawDialect(true), prefill: 'if told' },
  sglang: { name: 'sglang', chat: sglangDialect, raw: rawDialect(false), prefill: 'if told' },
  'llama.cpp': { name: 'llama.cpp', chat: llamaDialect, raw: rawDialect(false), prefill: 'repeats' },
  raw: { name: 'raw', chat: vllmDialect, raw: rawDialect(true), prefill: 'if told' },
};

export interface PlannedAnswer {
  readonly answer: CountedAnswer;
  readonly dialect: EngineDialect;
  readonly stream: boolean;
  /** Whether the usage of a stream was asked for: an engine tells nobody else. */
  readonly usageAsked: boolean;
  /** Whether the prompt already holds a part of the answer. */
  readonly continues: boolean;
}

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the engine makes of a request, or why it cannot be meant: a prompt that no honest continuation could send. */
export function planAnswer(engine: CountingEngine, path: string, body: string): PlannedAnswer | { readonly wrong: string } {
  const parsed: unknown = JSON.parse(body);
  if (!isJson(parsed)) return { wrong: 'the body is no object' };
  const prompt = path.endsWith('/chat/completions') ? readMessages(parsed, engine) : readPrompt(parsed);
  if ('wrong' in prompt) return prompt;
  const { task, given, first } = prompt;
  const asked = parsed['max_completion_tokens'] ?? parsed['max_tokens'];
  const allowed = typeof asked === 'number' ? asked : Infinity;
  const left = task.total - given;
  const last = given + Math.min(left, allowed);
  const finish = task.form === 'tool' ? 'tool_calls' : allowed <= left && left > 0 ? 'length' : 'stop';
  const dialect = path.endsWith('/chat/completions') ? engine.chat : engine.raw;
  const answer: CountedAnswer = { ...task, first, last, finish, promptTokens: promptTokenCount + given };
  const options = parsed['stream_options'];
  const usageAsked = isJson(options) && options['include_usage'] === true;
  return { answer, dialect, stream: parsed['stream'] === true, usageAsked, continues: given > 0 };
}

interface ReadPrompt {
  readonly task: CountedTask;
  /** How many tokens of the answer the prompt holds. */
  readonly given: number;
  readonly first: number;
}

function readPrompt(body: Json): ReadPrompt | { readonly wrong: string } {
  const { prompt } = body;
  if (typeof prompt === 'string') {
    const task = readPromptText(prompt);
    return task === undefined ? { wrong: `the prompt "${prompt}" is nobody's` } : { task, given: 0, first: 1 };
  }
  if (!Array.isArray(prompt)) return { wrong: 'there is no prompt' };
  const ids = prompt.map(Number);
  const task = readPromptIds(ids);
  if (task === undefined || String(promptIds(task)) !== String(ids.slice(0, promptTokenCount)))
    return { wrong: `the ids ${ids.join()} are nobody's` };
  const given = ids.length - promptTokenCount;
  for (let n = 1; n <= given; n += 1) if (ids[promptTokenCount + n - 1] !== tokenId(n)) return { wrong: `the ids ${ids.join()} do not count from 1` };
  return { task, given, first: given + 1 };
}

function readMessages(body: Json, engine: CountingEngine): ReadPrompt | { readonly wrong: string } {
  const messages: readonly unknown[] = Array.isArray(body['messages']) ? body['messages'] : [];
  const task = messages.flatMap((message) =>
    isJson(message) && typeof message['content'] === 'string' ? [readPromptText(message['content'])] : [],
  )[0];
  if (task === undefined) return { wrong: 'the messages are nobody’s' };
  const last = messages.at(-1);
  if (!isJson(last) || last['role'] !== 'assistant' || typeof last['content'] !== 'string') return { task, given: 0, first: 1 };
  const goesOn = engine.prefill === 'repeats' || (engine.prefill === 'if told' && body['continue_final_message'] === true);
  if (!goesOn) return { task, given: 0, first: 1 };
  const given = last['content'].split('<').length - 1;
  if (last['content'] !== countedText(task.request, 1, given)) return { wrong: `the prefilled text ${last['content']} does not count from 1` };
  return { task, given, first: engine.prefill === 'repeats' ? 1 : given + 1 };
}
