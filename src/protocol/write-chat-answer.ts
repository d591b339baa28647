/** What a translated answer took, in the published form's terms. */
export interface ToldUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  /** Tokens that were written into the endpoint's cache, which some vendors bill otherwise. */
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** Who answered, as every chunk says. */
export interface ToldIdentity {
  readonly id: string;
  readonly model: string;
  /** Seconds since the Unix epoch. */
  readonly created: number;
}

/** `stopWord`: the stop sequence that ended the answer, under vLLM's name for it. */
export function chatChunk(identity: ToldIdentity, delta: object, finishReason: string | null = null, stopWord?: string): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason, ...(stopWord === undefined ? {} : { stop_reason: stopWord }) }];
  return JSON.stringify({ id: identity.id, object: 'chat.completion.chunk', created: identity.created, model: identity.model, choices });
}

export function usageChunk(identity: ToldIdentity, usage: ToldUsage): string {
  const { id, created, model } = identity;
  return JSON.stringify({ id, object: 'chat.completion.chunk', created, model, choices: [], usage: usageJson(usage) });
}

export function wholeChat(
  identity: ToldIdentity,
  message: object,
  finishReason: string | null,
  usage: ToldUsage | undefined,
  stopWord?: string,
): string {
  const { id, created, model } = identity;
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finishReason, ...(stopWord === undefined ? {} : { stop_reason: stopWord }) }];
  return JSON.stringify({ id, object: 'chat.completion', created, model, choices, ...(usage === undefined ? {} : { usage: usageJson(usage) }) });
}

function usageJson(usage: ToldUsage): object {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens } = usage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens, ...(cacheWriteTokens === 0 ? {} : { cache_creation_tokens: cacheWriteTokens }) },
    ...(reasoningTokens === 0 ? {} : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
}
