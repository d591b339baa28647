import { isRecord } from '../std/is-record.ts';
import { readToolDeltas, type ToolDelta } from './tool-call-assembly.ts';
import { saidCharacters } from './said-characters.ts';
import { count, readUsage, type WireUsage } from './read-usage.ts';

/** The finish reasons that end an answer well; anything else is no proof of success (DESIGN §4.1). */
export const terminalReasons = new Set(['stop', 'length', 'tool_calls', 'content_filter', 'function_call']);

/** What the relay must know of one streamed chunk; its bytes pass on as they came. */
export interface ChunkFacts {
  readonly kind: 'chunk';
  /** Whether it brings content, reasoning, a refusal or a part of a tool call: then it may not be lost or sent twice. */
  readonly contentful: boolean;
  /** Plain content text of choice 0, '' where there is none. */
  readonly text: string;
  /** Whether something other than plain text came (a tool call, reasoning, a refusal, another choice). */
  readonly beyondText: boolean;
  readonly toolDeltas: readonly ToolDelta[];
  /** UTF-16 units of all that it says, in whatever form: what a guess of its tokens goes by. */
  readonly saidCharacters: number;
  /** The largest index among its choices, -1 where there is none. */
  readonly lastChoice: number;
  /** Whether it names the role, which an answer does once. */
  readonly hasRole: boolean;
  readonly tokenIds: readonly number[] | undefined;
  readonly promptTokenIds: readonly number[] | undefined;
  /** How many tokens the endpoint says that it made so far, this chunk's included. */
  readonly tokensSoFar: number | undefined;
  /** The seed that the engine drew when the request named none. */
  readonly seed: number | undefined;
  readonly finishReason: string | undefined;
  readonly usage: WireUsage | undefined;
  /** Whether a `usage` is there that is no usage (negative, a fraction, text): the client must not be shown it (fault 68). */
  readonly usageInvalid: boolean;
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly created: number | undefined;
}

export type StreamItem = ChunkFacts | { readonly kind: 'done' } | StreamError | { readonly kind: 'malformed' };

/** An error inside a 200 stream (fault 61), as the endpoint told it: for classification, never for the client. */
export interface StreamError {
  readonly kind: 'error';
  readonly status: number | undefined;
  readonly code: string;
  readonly type: string;
  readonly message: string;
}

function tokenIdList(value: unknown): readonly number[] | undefined {
  return Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0) ? value : undefined;
}

/** The ids as llama.cpp's server tells them; for a token that is half a character it sends no chunk at all. */
function verboseTokenIds(value: unknown): readonly number[] | undefined {
  return isRecord(value) ? tokenIdList(value['tokens']) : undefined;
}

function nonEmpty(value: unknown): boolean {
  return typeof value === 'string' ? value !== '' : Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
}

/** Reads the joined data of one server-sent event of an OpenAI-compatible stream, chat or completions. */
export function readChunk(data: string, eventName = 'message'): StreamItem {
  if (data.trim() === '[DONE]') return { kind: 'done' };
  const value = parse(data);
  if (!isRecord(value)) return { kind: 'malformed' };
  if (nonEmpty(value['error']) || value['type'] === 'error') return streamError(value['error']);
  if (eventName === 'error') return streamError(value);
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

function streamError(error: unknown): StreamError {
  const told = isRecord(error) ? error : { message: error };
  const text = (name: string): string => (typeof told[name] === 'string' ? told[name] : '');
  const numbers = [told['status'], told['code'], told['status_code']].map(Number);
  const status = numbers.find((number) => Number.isInteger(number) && number >= 400 && number < 600);
  return { kind: 'error', status, code: text('code'), type: text('type'), message: text('message') };
}

function readChoices(value: Record<string, unknown>, choices: readonly unknown[]): StreamItem {
  let text = '';
  let contentful = false;
  let beyondText = choices.length > 1;
  let hasRole = false;
  let lastChoice = -1;
  let said = 0;
  const toolDeltas: ToolDelta[] = [];
  let finishReason: string | undefined;
  let tokenIds: readonly number[] | undefined;
  let promptTokenIds = tokenIdList(value['prompt_token_ids']);
  for (const choice of choices) {
    if (!isRecord(choice)) return { kind: 'malformed' };
    const delta = isRecord(choice['delta']) ? choice['delta'] : choice['delta'] === undefined || choice['delta'] === null ? {} : undefined;
    if (delta === undefined) return { kind: 'malformed' };
    const piece = delta['content'] ?? choice['text'];
    const index = typeof choice['index'] === 'number' ? choice['index'] : 0;
    lastChoice = Math.max(lastChoice, index);
    hasRole ||= typeof delta['role'] === 'string';
    if (typeof piece === 'string') text += piece;
    for (const toolDelta of readToolDeltas(delta['tool_calls'])) toolDeltas.push(toolDelta);
    said += saidCharacters(delta, piece);
    const other = ['tool_calls', 'function_call', 'reasoning_content', 'reasoning', 'refusal'].some((name) => nonEmpty(delta[name]));
    beyondText ||= other || index !== 0;
    contentful ||= other || (typeof piece === 'string' && piece !== '');
    tokenIds ??= tokenIdList(choice['token_ids']);
    promptTokenIds ??= tokenIdList(choice['prompt_token_ids']);
    const reason = choice['finish_reason'];
    if (typeof reason !== 'string') continue;
    // OpenRouter and others report failure as a finish reason; an unknown word proves nothing either.
    if (!terminalReasons.has(reason))
      return streamError(choice['error'] ?? value['error'] ?? { code: 'finish_reason', message: 'no known finish reason' });
    finishReason = reason;
  }
  tokenIds ??= verboseTokenIds(value['__verbose']);
  const seed = value['x_second_source_seed'];
  const usage = readUsage(value['usage']);
  return {
    kind: 'chunk',
    contentful,
    text,
    beyondText,
    toolDeltas,
    saidCharacters: said,
    lastChoice,
    hasRole,
    tokenIds,
    promptTokenIds,
    finishReason,
    tokensSoFar: count(isRecord(value['__verbose']) ? value['__verbose']['tokens_predicted'] : undefined),
    seed: typeof seed === 'number' ? seed : undefined,
    usage,
    usageInvalid: usage === undefined && value['usage'] !== undefined && value['usage'] !== null,
    id: typeof value['id'] === 'string' ? value['id'] : undefined,
    model: typeof value['model'] === 'string' ? value['model'] : undefined,
    created: typeof value['created'] === 'number' ? value['created'] : undefined,
  };
}
