import type { AnswerOutcome } from '../answer-outcome.ts';
import type { PieceUsage } from '../chat-piece.ts';
import type { ResponsesRequest } from './response-shapes.ts';

export type OutputPart =
  | { readonly type: 'output_text'; readonly text: string; readonly annotations: readonly []; readonly logprobs: readonly unknown[] }
  | { readonly type: 'refusal'; readonly refusal: string };

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export type OutputItem =
  | {
      readonly id: string;
      readonly type: 'message';
      readonly role: 'assistant';
      readonly status: ItemStatus;
      readonly content: readonly OutputPart[];
    }
  | {
      readonly id: string;
      readonly type: 'reasoning';
      readonly status: ItemStatus;
      readonly summary: readonly [];
      readonly content: readonly { readonly type: 'reasoning_text'; readonly text: string }[];
      readonly encrypted_content?: string;
    }
  | {
      readonly id: string;
      readonly type: 'function_call';
      readonly status: ItemStatus;
      readonly call_id: string;
      readonly name: string;
      readonly arguments: string;
    };

/** A response as OpenAI's API shows it; what stands in `request` is what was asked, said back with the defaults filled in. */
export interface ResponseObject {
  readonly id: string;
  readonly object: 'response';
  readonly created_at: number;
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly error: { readonly code: 'server_error'; readonly message: string } | null;
  readonly incomplete_details: { readonly reason: string } | null;
  readonly model: string;
  readonly output: readonly OutputItem[];
  readonly usage: object | null;
  readonly store: boolean;
  readonly [echoed: string]: unknown;
}

export interface ResponseIdentity {
  /** What all ids of the response end in. */
  readonly suffix: string;
  /** Seconds since the Unix epoch, as the API has it. */
  readonly createdAt: number;
  readonly stored: boolean;
  readonly request: ResponsesRequest;
}

/** The response before anything was said. */
export function begunResponse({ suffix, createdAt, stored, request }: ResponseIdentity): ResponseObject {
  return {
    id: `resp_${suffix}`,
    object: 'response',
    created_at: createdAt,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request.max_tool_calls ?? null,
    metadata: request.metadata ?? {},
    model: request.model,
    output: [],
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    prompt_cache_key: request.prompt_cache_key ?? null,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: null },
    safety_identifier: request.safety_identifier ?? null,
    service_tier: request.service_tier ?? 'default',
    store: stored,
    temperature: request.temperature ?? null,
    text: { format: { type: 'text' }, ...given(request.text ?? {}) },
    tool_choice: request.tool_choice ?? 'auto',
    tools: (request.tools ?? []).map((tool) => ({ ...tool, parameters: tool.parameters ?? null, strict: tool.strict ?? null })),
    top_logprobs: request.top_logprobs ?? 0,
    top_p: request.top_p ?? null,
    truncation: 'disabled',
    usage: null,
    user: request.user ?? null,
  };
}

function given(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
}

/** The response once all was said. */
export function endedResponse(begun: ResponseObject, output: readonly OutputItem[], outcome: AnswerOutcome, completedAt: number): ResponseObject {
  const reason = incompleteReason(outcome.finishReason);
  return {
    ...begun,
    status: reason === undefined ? 'completed' : 'incomplete',
    completed_at: reason === undefined ? completedAt : null,
    incomplete_details: reason === undefined ? null : { reason },
    output,
    usage: outcome.usage === undefined ? null : responseUsage(outcome.usage),
    ...(outcome.secondSource === undefined ? {} : { second_source: outcome.secondSource }),
  };
}

export function incompleteReason(finishReason: string | undefined): string | undefined {
  if (finishReason === 'length') return 'max_output_tokens';
  return finishReason === 'content_filter' ? 'content_filter' : undefined;
}

function responseUsage({ inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens }: PieceUsage): object {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
