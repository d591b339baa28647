import { isRecord } from '../std/is-record.ts';

/** Token counts as an endpoint reported them. */
export interface WireUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** The part of `outputTokens` that was reasoning, where that was told. */
  readonly reasoningTokens?: number | undefined;
}

/** A whole number of at least zero, or undefined. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}

/**
 * Reads OpenAI's `usage` object. Missing is not zero, and what is not a whole number of at least zero is missing
 * (fault 68), so the caller counts for itself instead of trusting it.
 */
export function readUsage(value: unknown): WireUsage | undefined {
  if (!isRecord(value)) return undefined;
  const inputTokens = count(value['prompt_tokens']);
  // Embeddings have no completion, and their usage says nothing of one.
  const outputTokens = value['completion_tokens'] === undefined ? 0 : count(value['completion_tokens']);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const details = value['prompt_tokens_details'];
  const cached = isRecord(details) ? count(details['cached_tokens']) : undefined;
  const usage = { inputTokens, cachedInputTokens: Math.min(cached ?? 0, inputTokens), outputTokens };
  const outputDetails = value['completion_tokens_details'];
  const reasoning = isRecord(outputDetails) ? count(outputDetails['reasoning_tokens']) : undefined;
  return reasoning === undefined ? usage : { ...usage, reasoningTokens: reasoning };
}
