import { isRecord } from '../std/is-record.ts';
import { readUsage, type WireUsage } from './read-usage.ts';

/** The finish reasons that end an answer well; anything else is no proof of success (DESIGN §4.1). */
const terminalReasons = new Set(['stop', 'length', 'tool_calls', 'content_filter', 'function_call']);

/** What the relay must know of one streamed chunk; its bytes pass on as they came. */
export interface ChunkFacts {
  readonly kind: 'chunk';
  /** Whether it brings content, reasoning, a refusal or a part of a tool call: then it may not be lost or sent twice. */
  readonly contentful: boolean;
  /** Plain content text of choice 0, '' where there is none. */
  readonly text: string;
  /** Whether something other than plain text came (a tool call, reasoning, a refusal, another choice). */
  readonly beyondText: boolean;
  readonly tokenIds: readonly number[] | undefined;
  readonly promptTokenIds: readonly number[] | undefined;
  /** The seed that the engine drew when the request named none. */
  readonly seed: number | undefined;
  readonly finishReason: string | undefined;
  readonly usage: WireUsage | undefined;
  readonly id: string | undefined;
  readonly created: number | undefined;
}

export type StreamItem =
  | ChunkFacts
  | { readonly kind: 'done' }
  /** An error inside a 200 stream (fault 61). `clientFault` where the endpoint blames the request. */
  | { readonly kind: 'error'; readonly clientFault: boolean }
  | { readonly kind: 'malformed' };

function tokenIdList(value: unknown): readonly number[] | undefined {
  return Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0) ? value : undefined;
}

function nonEmpty(value: unknown): boolean {
  return typeof value === 'string' ? value !== '' : Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
}

/** Reads the joined data of one server-sent event of an OpenAI-compatible stream, chat or completions. */
export function readChunk(data: string): StreamItem {
  if (data.trim() === '[DONE]') return { kind: 'done' };
  const value = parse(data);
  if (!isRecord(value)) return { kind: 'malformed' };
  if (nonEmpty(value['error']) || value['type'] === 'error') return { kind: 'error', clientFault: blamesClient(value['error']) };
  const choices = value['choices'];
  if (!Array.isArray(choices)) return { kind: 'malformed' };
  return readChoices(value, choices);
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function blamesClient(error: unknown): boolean {
  if (!isRecord(error)) return false;
  const code = error['code'];
  return error['type'] === 'invalid_request_error' || (typeof code === 'number' && code >= 400 && code < 500 && code !== 408 && code !== 429);
}

function readChoices(value: Record<string, unknown>, choices: readonly unknown[]): StreamItem {
  let text = '';
  let contentful = false;
  let beyondText = choices.length > 1;
  let finishReason: string | undefined;
  let tokenIds: readonly number[] | undefined;
  let promptTokenIds = tokenIdList(value['prompt_token_ids']);
  for (const choice of choices) {
    if (!isRecord(choice)) return { kind: 'malformed' };
    const delta = isRecord(choice['delta']) ? choice['delta'] : choice['delta'] === undefined || choice['delta'] === null ? {} : undefined;
    if (delta === undefined) return { kind: 'malformed' };
    const piece = delta['content'] ?? choice['text'];
    if (typeof piece === 'string') text += piece;
    const other = ['tool_calls', 'function_call', 'reasoning_content', 'reasoning', 'refusal'].some((name) => nonEmpty(delta[name]));
    beyondText ||= other || (choice['index'] ?? 0) !== 0;
    contentful ||= other || (typeof piece === 'string' && piece !== '');
    tokenIds ??= tokenIdList(choice['token_ids']);
    promptTokenIds ??= tokenIdList(choice['prompt_token_ids']);
    const reason = choice['finish_reason'];
    if (typeof reason !== 'string') continue;
    // OpenRouter and others report failure as a finish reason; an unknown word proves nothing either.
    if (!terminalReasons.has(reason)) return { kind: 'error', clientFault: false };
    finishReason = reason;
  }
  const seed = value['x_second_source_seed'];
  return {
    kind: 'chunk',
    contentful,
    text,
    beyondText,
    tokenIds,
    promptTokenIds,
    finishReason,
    seed: typeof seed === 'number' ? seed : undefined,
    usage: readUsage(value['usage']),
    id: typeof value['id'] === 'string' ? value['id'] : undefined,
    created: typeof value['created'] === 'number' ? value['created'] : undefined,
  };
}
