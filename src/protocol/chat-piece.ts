import { isRecord } from '../std/is-record.ts';
import { count, readUsage } from './read-usage.ts';
import { readToolDeltas, type ToolDelta } from './tool-call-assembly.ts';

export interface PieceUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  /** Written to a cache, of the input. */
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  /** Of the output; undefined where nobody told. */
  readonly reasoningTokens: number | undefined;
}

/** What one chunk of a chat stream says, for a client that is told it in the words of another API. */
export interface ChatPiece {
  readonly text: string;
  readonly reasoning: string;
  /** What proves to the vendor of the reasoning that it made it. */
  readonly signature: string;
  readonly refusal: string;
  readonly calls: readonly ToolDelta[];
  readonly logprobs: readonly unknown[];
  readonly finishReason: string | undefined;
  /** The stop sequence that ended the answer, where the endpoint says which (vLLM: `stop_reason`, SGLang: `matched_stop`). */
  readonly stopWord: string | undefined;
  readonly usage: PieceUsage | undefined;
  readonly secondSource: unknown;
}

/** Reads the data of one event that the relay wrote; undefined for the end mark and for what is no chunk. */
export function readChatPiece(data: string): ChatPiece | undefined {
  return data === '[DONE]' ? undefined : pieceOf(JSON.parse(data));
}

/** A whole chat answer as the one piece that says all of it; undefined where it is none. */
export function readWholePiece(body: string): ChatPiece | undefined {
  const value: unknown = JSON.parse(body);
  const choices: unknown = isRecord(value) ? value['choices'] : undefined;
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  if (!isRecord(value) || !isRecord(first) || !isRecord(first['message'])) return undefined;
  const calls: unknown = first['message']['tool_calls'];
  const delta = { ...first['message'], tool_calls: Array.isArray(calls) ? calls.map(withTextArguments) : undefined };
  return pieceOf({ ...value, choices: [{ ...first, delta }] });
}

/** Some endpoints send the arguments of a whole call as JSON instead of its text. */
function withTextArguments(call: unknown): unknown {
  const made = isRecord(call) ? call['function'] : undefined;
  if (!isRecord(call) || !isRecord(made) || !isRecord(made['arguments'])) return call;
  return { ...call, function: { ...made, arguments: JSON.stringify(made['arguments']) } };
}

function pieceOf(value: unknown): ChatPiece | undefined {
  if (!isRecord(value) || !Array.isArray(value['choices'])) return undefined;
  const first: unknown = value['choices'][0];
  const choice = isRecord(first) ? first : {};
  const delta = isRecord(choice['delta']) ? choice['delta'] : {};
  const logprobs = isRecord(choice['logprobs']) ? choice['logprobs']['content'] : undefined;
  return {
    text: text(delta['content']),
    // vLLM renamed the field; others keep DeepSeek's name.
    reasoning: text(delta['reasoning_content']) || text(delta['reasoning']),
    signature: text(delta['reasoning_signature']),
    refusal: text(delta['refusal']),
    calls: readToolDeltas(delta['tool_calls']),
    logprobs: Array.isArray(logprobs) ? logprobs : [],
    finishReason: text(choice['finish_reason']) || undefined,
    stopWord: text(choice['stop_reason']) || text(choice['matched_stop']) || undefined,
    usage: pieceUsage(value['usage']),
    secondSource: value['second_source'],
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function pieceUsage(value: unknown): PieceUsage | undefined {
  const usage = readUsage(value);
  if (usage === undefined || !isRecord(value)) return undefined;
  const details = value['completion_tokens_details'];
  const input = isRecord(value['prompt_tokens_details']) ? value['prompt_tokens_details'] : {};
  // OpenAI's name, and ours for what Anthropic tells.
  const written = count(input['cache_write_tokens']) ?? count(input['cache_creation_tokens']) ?? 0;
  const cacheWriteTokens = Math.min(written, usage.inputTokens - usage.cachedInputTokens);
  return { ...usage, cacheWriteTokens, reasoningTokens: isRecord(details) ? count(details['reasoning_tokens']) : undefined };
}
