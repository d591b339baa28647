import { noPrefix, type TraceRequest } from './trace.ts';
import { TraceProblem, tokensOf } from './trace-problem.ts';
import type { TraceOptions } from './read-trace.ts';

export const azureHeader = 'TIMESTAMP,ContextTokens,GeneratedTokens';

/** Azure's published LLM traces: a time of day, prompt and answer lengths; nothing says what prompts have in common. */
export function* azureTrace(lines: Iterable<string>, { model, sloClass, prefixBlockTokens }: TraceOptions): Generator<TraceRequest, undefined> {
  let line = 1;
  let firstMs: number | undefined;
  for (const text of lines) {
    line += 1;
    if (text === '') continue;
    const [time = '', prompt, output] = text.split(',');
    const readMs = timeMs(time);
    if (Number.isNaN(readMs))
      throw new TraceProblem(line, `\`${time.slice(0, 40)}\` is no time.`, 'Azure writes them as 2023-11-16 18:15:46.6805900.');
    firstMs ??= readMs;
    yield {
      atMs: Math.max(0, readMs - firstMs),
      model,
      promptTokens: Math.max(1, tokensOf(prompt, 'ContextTokens', line)),
      outputTokens: Math.max(1, tokensOf(output, 'GeneratedTokens', line)),
      maxTokens: undefined,
      prefixHashes: noPrefix,
      prefixBlockTokens,
      sloClass,
    };
  }
  return undefined;
}

/** With all seven digits of the fraction, of which `Date` keeps three. */
function timeMs(text: string): number {
  const [seconds = '', fraction = ''] = text.split('.');
  return Date.parse(`${seconds.replace(' ', 'T')}Z`) + Number(`0.${fraction === '' ? '0' : fraction}`) * 1000;
}
