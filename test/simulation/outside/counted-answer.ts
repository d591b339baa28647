/**
 * Numbered tokens make loss, doubling, order and mixed-up answers a matter of arithmetic: token n of request r is the
 * text `<r.n>` and has the id 1000 + n. The prompt says all that an engine must know, as text and as token ids alike.
 */
export interface CountedTask {
  readonly request: number;
  /** How many tokens the whole answer has. */
  readonly total: number;
  readonly form: 'text' | 'tool';
}

/** What one engine is to answer: the tokens `first` to `last` of a task. */
export interface CountedAnswer extends CountedTask {
  readonly first: number;
  readonly last: number;
  readonly finish: 'stop' | 'length' | 'tool_calls';
  readonly promptTokens: number;
}

export function tokenText(request: number, n: number): string {
  return `<${request}.${n}>`;
}

export function tokenId(n: number): number {
  return 1000 + n;
}

export function countedText(request: number, first: number, last: number): string {
  let text = '';
  for (let n = first; n <= last; n += 1) text += tokenText(request, n);
  return text;
}

/** The arguments of the tool call that a `tool` task is answered with. */
export function toolArguments(request: number, total: number): string {
  return `{"counted":"${countedText(request, 1, total)}"}`;
}

export function promptText({ request, total, form }: CountedTask): string {
  return `count ${form} for ${request} to ${total}`;
}

export function readPromptText(text: string): CountedTask | undefined {
  const [, form, request, total] = /count (text|tool) for (\d+) to (\d+)/.exec(text) ?? [];
  if (form !== 'text' && form !== 'tool') return undefined;
  return { form, request: Number(request), total: Number(total) };
}

/** The prompt as an engine's template would make it: three ids that say what the text says. */
export function promptIds({ request, total, form }: CountedTask): readonly number[] {
  return [1_000_000 + request, 500_000 + total, form === 'text' ? 11 : 12];
}

export function readPromptIds(ids: readonly number[]): CountedTask | undefined {
  const [request = 0, total = 0, form] = ids;
  if (request < 1_000_000 || total < 500_000) return undefined;
  return { request: request - 1_000_000, total: total - 500_000, form: form === 12 ? 'tool' : 'text' };
}

export const promptTokenCount = 3;
