import { isRecord } from '../std/is-record.ts';
import { count, readUsage } from './read-usage.ts';
import { readToolDeltas, type ToolDelta } from './tool-call-assembly.ts';

export interface PieceUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
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
  if (data === '[DONE]') return undefined;
  const value: unknown = JSON.parse(data);
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
  return { ...usage, reasoningTokens: isRecord(details) ? count(details['reasoning_tokens']) : undefined };
}
