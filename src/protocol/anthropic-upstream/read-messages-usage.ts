import { isRecord } from '../../std/is-record.ts';
import { count } from '../read-usage.ts';
import type { ToldUsage } from '../write-chat-answer.ts';

/**
 * Anthropic counts what it read from and wrote to its cache beside `input_tokens`; the published form counts all input
 * as the prompt. A later report replaces what it repeats, since each is the sum so far. Undefined where none is whole.
 */
export function readMessagesUsage(value: unknown, before: ToldUsage | undefined): ToldUsage | undefined {
  if (!isRecord(value)) return before;
  const details = value['output_tokens_details'];
  const cached = count(value['cache_read_input_tokens']);
  const written = count(value['cache_creation_input_tokens']);
  const fresh = count(value['input_tokens']);
  const output = count(value['output_tokens']) ?? before?.outputTokens;
  if (output === undefined || (fresh === undefined && before === undefined)) return before;
  const cachedInputTokens = cached ?? before?.cachedInputTokens ?? 0;
  const cacheWriteTokens = written ?? before?.cacheWriteTokens ?? 0;
  const uncached = fresh ?? (before === undefined ? 0 : before.inputTokens - before.cachedInputTokens - before.cacheWriteTokens);
  return {
    inputTokens: uncached + cachedInputTokens + cacheWriteTokens,
    cachedInputTokens,
    cacheWriteTokens,
    outputTokens: output,
    reasoningTokens: (isRecord(details) ? count(details['thinking_tokens']) : undefined) ?? before?.reasoningTokens ?? 0,
  };
}

const reasons: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

/** A word that is not known passes as it is, and proves nothing. */
export function publishedReason(reason: string): string {
  return (Object.hasOwn(reasons, reason) ? reasons[reason] : undefined) ?? reason;
}
