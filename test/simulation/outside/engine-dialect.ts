import { countedText, promptIds, tokenId, tokenText, toolArguments, type CountedAnswer } from './counted-answer.ts';

/** Where in a response a piece of it stands; faults are placed by these names. */
export type Part = 'head' | 'begin' | 'content' | 'tool' | 'finish' | 'usage' | 'done' | 'body' | 'end';

/** A piece of a response's body, and how many tokens the engine has computed for it. */
export interface Frame {
  readonly part: Part;
  readonly text: string;
  readonly tokens: number;
}

export type DialectName = 'openai' | 'vllm' | 'sglang' | 'llama.cpp' | 'raw';

/** How one kind of engine writes an answer, after recordings of the real ones. */
export interface EngineDialect {
  readonly name: DialectName;
  readonly stream: (answer: CountedAnswer) => readonly Frame[];
  readonly whole: (answer: CountedAnswer) => string;
}

export function event(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

export function usageOf(answer: CountedAnswer): {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
} {
  const completionTokens = answer.last - answer.first + 1;
  return { prompt_tokens: answer.promptTokens, completion_tokens: completionTokens, total_tokens: answer.promptTokens + completionTokens };
}

interface ChatStyle {
  readonly name: Exclude<DialectName, 'raw'>;
  readonly roleContent: '' | null;
  readonly ids: boolean;
  /** vLLM sends the last token and the finish reason in one chunk. */
  readonly contentInFinish: boolean;
  /** Some say the role with every piece of text. */
  readonly roleEverywhere: boolean;
  /** OpenAI says `usage: null` in every chunk when usage was asked for. */
  readonly nullUsage: boolean;
  readonly extra: Readonly<Record<string, unknown>>;
}

function chatDialect(style: ChatStyle): EngineDialect {
  const chunk = (answer: CountedAnswer, choices: readonly unknown[], more: object = {}): string =>
    event({
      id: `chatcmpl-${answer.request}-${style.name}`,
      object: 'chat.completion.chunk',
      created: 7,
      model: 'up',
      choices,
      ...(style.nullUsage ? { usage: null } : {}),
      ...more,
    });
  const delta = (answer: CountedAnswer, fields: object, finish: string | null = null, ids: readonly number[] = []): string =>
    chunk(answer, [
      {
        index: 0,
        delta: style.roleEverywhere ? { role: 'assistant', ...fields } : fields,
        finish_reason: finish,
        ...(style.ids && ids.length > 0 ? { token_ids: ids } : {}),
      },
    ]);
  return {
    name: style.name,
    stream: (answer) => {
      const role = { role: 'assistant', content: style.roleContent };
      const begin = chunk(answer, [{ index: 0, delta: role, finish_reason: null }], style.ids ? { prompt_token_ids: promptIds(answer) } : {});
      const frames: Frame[] = [{ part: 'begin', text: begin, tokens: 0 }];
      if (answer.form === 'tool') frames.push(...toolFrames(answer, delta));
      else frames.push(...textFrames(answer, delta, style.contentInFinish));
      const usage = chunk(answer, [], { usage: usageOf(answer), ...style.extra });
      frames.push({ part: 'usage', text: usage, tokens: 0 }, { part: 'done', text: event('[DONE]'), tokens: 0 });
      return frames;
    },
    whole: (answer) => {
      const message =
        answer.form === 'tool'
          ? { role: 'assistant', content: null, tool_calls: [toolCall(answer, toolArguments(answer.request, answer.total))] }
          : { role: 'assistant', content: countedText(answer.request, answer.first, answer.last) };
      return JSON.stringify({
        id: `chatcmpl-${answer.request}-${style.name}`,
        object: 'chat.completion',
        created: 7,
        model: 'up',
        choices: [{ index: 0, message, finish_reason: answer.finish }],
        usage: usageOf(answer),
        ...style.extra,
      });
    },
  };
}

type Delta = (answer: CountedAnswer, fields: object, finish?: string | null, ids?: readonly number[]) => string;

function textFrames(answer: CountedAnswer, delta: Delta, contentInFinish: boolean): readonly Frame[] {
  const frames: Frame[] = [];
  for (let n = answer.first; n <= answer.last; n += 1) {
    const text = { content: tokenText(answer.request, n) };
    if (contentInFinish && n === answer.last) frames.push({ part: 'finish', text: delta(answer, text, answer.finish, [tokenId(n)]), tokens: 1 });
    else frames.push({ part: 'content', text: delta(answer, text, null, [tokenId(n)]), tokens: 1 });
  }
  if (!contentInFinish || answer.last < answer.first) frames.push({ part: 'finish', text: delta(answer, {}, answer.finish), tokens: 0 });
  return frames;
}

function toolCall(answer: CountedAnswer, made: string): object {
  return { index: 0, id: `call_${answer.request}`, type: 'function', function: { name: 'count', arguments: made } };
}

function toolFrames(answer: CountedAnswer, delta: Delta): readonly Frame[] {
  const piece = (made: string): object => ({ tool_calls: [{ index: 0, function: { arguments: made } }] });
  const frames: Frame[] = [
    { part: 'tool', text: delta(answer, { tool_calls: [toolCall(answer, '')] }), tokens: 0 },
    { part: 'tool', text: delta(answer, piece('{"counted":"')), tokens: 0 },
  ];
  for (let n = 1; n <= answer.total; n += 1)
    frames.push({ part: 'tool', text: delta(answer, piece(tokenText(answer.request, n)), null, [tokenId(n)]), tokens: 1 });
  frames.push({ part: 'tool', text: delta(answer, piece('"}')), tokens: 0 });
  frames.push({ part: 'finish', text: delta(answer, {}, 'tool_calls'), tokens: 0 });
  return frames;
}

/** Raw completions, with the ids of prompt and output where the engine gives them. */
export function rawDialect(ids: boolean): EngineDialect {
  const head = (answer: CountedAnswer): object => ({ id: `cmpl-${answer.request}`, object: 'text_completion', created: 9, model: 'up' });
  const chunk = (answer: CountedAnswer, text: string, finish: string | null, given: readonly number[]): string =>
    event({ ...head(answer), choices: [{ index: 0, text, finish_reason: finish, ...(ids && given.length > 0 ? { token_ids: given } : {}) }] });
  return {
    name: 'raw',
    stream: (answer) => {
      const frames: Frame[] = [];
      for (let n = answer.first; n <= answer.last; n += 1) {
        const plain = chunk(answer, tokenText(answer.request, n), null, [tokenId(n)]);
        // vLLM tells the prompt's ids in the first chunk of a raw completion.
        const text =
          ids && n === answer.first ? plain.replace('"index":0,', `"index":0,"prompt_token_ids":${JSON.stringify(promptIds(answer))},`) : plain;
        frames.push({ part: 'content', text, tokens: 1 });
      }
      frames.push({ part: 'finish', text: chunk(answer, '', answer.finish, []), tokens: 0 });
      frames.push({ part: 'usage', text: event({ ...head(answer), choices: [], usage: usageOf(answer) }), tokens: 0 });
      frames.push({ part: 'done', text: event('[DONE]'), tokens: 0 });
      return frames;
    },
    whole: (answer) =>
      JSON.stringify({
        ...head(answer),
        choices: [{ index: 0, text: countedText(answer.request, answer.first, answer.last), finish_reason: answer.finish }],
        usage: usageOf(answer),
      }),
  };
}

export const openaiDialect = chatDialect({
  name: 'openai',
  roleContent: '',
  ids: false,
  contentInFinish: false,
  roleEverywhere: false,
  nullUsage: true,
  extra: {},
});
export const vllmDialect = chatDialect({
  name: 'vllm',
  roleContent: '',
  ids: true,
  contentInFinish: true,
  roleEverywhere: false,
  nullUsage: false,
  extra: {},
});
export const sglangDialect = chatDialect({
  name: 'sglang',
  roleContent: '',
  ids: false,
  contentInFinish: false,
  roleEverywhere: true,
  nullUsage: false,
  extra: {},
});
export const llamaDialect = chatDialect({
  name: 'llama.cpp',
  roleContent: null,
  ids: false,
  contentInFinish: false,
  roleEverywhere: false,
  nullUsage: false,
  extra: { timings: { prompt_n: 3, predicted_per_second: 41.5 } },
});
