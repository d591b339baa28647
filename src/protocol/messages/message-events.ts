import { BlockLine, type AnswerBlock, type BlockStep } from '../block-line.ts';
import { emptyOutcome, learnOutcome, type AnswerOutcome } from '../answer-outcome.ts';
import type { ChatPiece, PieceUsage } from '../chat-piece.ts';

export interface MessageUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens: number;
  readonly output_tokens_details?: { readonly thinking_tokens: number };
}

export type ContentBlock =
  | { readonly type: 'text'; readonly text: string; readonly citations: null }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown; readonly caller: { readonly type: 'direct' } };

export interface Message {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly ContentBlock[];
  readonly stop_reason: string | null;
  readonly stop_sequence: string | null;
  readonly stop_details: null;
  readonly container: null;
  readonly usage: MessageUsage;
}

type BlockDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string };

export interface MessageDelta {
  readonly type: 'message_delta';
  readonly delta: { readonly stop_reason: string; readonly stop_sequence: string | null; readonly stop_details: null };
  readonly usage: MessageUsage;
  /** Ours: which silicon made which part. */
  readonly second_source?: unknown;
}

export type MessageEvent =
  | { readonly type: 'message_start'; readonly message: Message }
  | { readonly type: 'content_block_start'; readonly index: number; readonly content_block: ContentBlock }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: BlockDelta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | MessageDelta
  | { readonly type: 'message_stop' };

export interface MessageIdentity {
  readonly id: string;
  readonly model: string;
  /** The stop sequences of the request, among which the one that ended the answer must be. */
  readonly stops: readonly string[];
}

/** Says a chat stream in the events of Anthropic's Messages API. */
export class MessageEvents {
  readonly #identity: MessageIdentity;
  readonly #line = new BlockLine();
  readonly #outcome = emptyOutcome();

  constructor(identity: MessageIdentity) {
    this.#identity = identity;
  }

  /** What a prompt cost is known at the end only, so the usage here is zero and that of the last event counts. */
  begin(): readonly MessageEvent[] {
    return [{ type: 'message_start', message: emptyMessage(this.#identity) }];
  }

  push(piece: ChatPiece): readonly MessageEvent[] {
    learnOutcome(this.#outcome, piece);
    return this.#line.push(piece).map(eventOf);
  }

  end(): readonly MessageEvent[] {
    return [...this.#line.finish().map(eventOf), lastDelta(this.#outcome, this.#identity.stops), { type: 'message_stop' }];
  }
}

export function emptyMessage({ id, model }: MessageIdentity): Message {
  const start = { id, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, stop_details: null } as const;
  return { ...start, container: null, usage: messageUsage(undefined) };
}

function eventOf(step: BlockStep): MessageEvent {
  const { index } = step.block;
  switch (step.kind) {
    case 'open':
      return { type: 'content_block_start', index, content_block: openedBlock(step.block) };
    case 'say':
      return { type: 'content_block_delta', index, delta: saidDelta(step.block, step.text) };
    case 'sign':
      return { type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: step.signature } };
    case 'close':
      return { type: 'content_block_stop', index };
  }
}

function openedBlock(block: AnswerBlock): ContentBlock {
  if (block.kind === 'call') return { type: 'tool_use', id: block.id, name: block.name, input: {}, caller: { type: 'direct' } };
  return block.kind === 'reasoning' ? { type: 'thinking', thinking: '', signature: '' } : { type: 'text', text: '', citations: null };
}

function saidDelta(block: AnswerBlock, text: string): BlockDelta {
  if (block.kind === 'call') return { type: 'input_json_delta', partial_json: text };
  return block.kind === 'reasoning' ? { type: 'thinking_delta', thinking: text } : { type: 'text_delta', text };
}

function lastDelta(outcome: AnswerOutcome, stops: readonly string[]): MessageDelta {
  const { stopWord, secondSource } = outcome;
  const stopped = outcome.finishReason === 'stop' && stopWord !== undefined && stops.includes(stopWord) ? stopWord : undefined;
  return {
    type: 'message_delta',
    delta: {
      stop_reason: stopped === undefined ? stopReason(outcome) : 'stop_sequence',
      stop_sequence: stopped ?? null,
      stop_details: null,
    },
    usage: messageUsage(outcome.usage),
    ...(secondSource === undefined ? {} : { second_source: secondSource }),
  };
}

/** Where nobody says that a stop sequence ended the answer it is an `end_turn`: the two cannot be told apart. */
function stopReason({ finishReason, refused }: AnswerOutcome): string {
  if (refused || finishReason === 'content_filter') return 'refusal';
  if (finishReason === 'length') return 'max_tokens';
  return finishReason === 'tool_calls' || finishReason === 'function_call' ? 'tool_use' : 'end_turn';
}

/** Anthropic counts what was read from a cache, or written to it, apart from the rest of the prompt. */
function messageUsage(usage: PieceUsage | undefined): MessageUsage {
  const { inputTokens = 0, cachedInputTokens = 0, cacheWriteTokens = 0, outputTokens = 0, reasoningTokens } = usage ?? {};
  return {
    input_tokens: inputTokens - cachedInputTokens - cacheWriteTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cachedInputTokens,
    output_tokens: outputTokens,
    ...(reasoningTokens === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  };
}
