import { chatChunk, usageChunk, type ToldIdentity, type ToldUsage } from '../write-chat-answer.ts';
import { isRecord } from '../../std/is-record.ts';
import { publishedReason, readMessagesUsage } from './read-messages-usage.ts';

/** One call under way: its place among the calls of the answer, and whether any arguments came. */
interface OpenCall {
  readonly place: number;
  hasArguments: boolean;
}

/**
 * Tells an event stream of Anthropic's Messages API as one of the published form. The end is told only when
 * `message_stop` came: a stop reason alone could be followed by a cut.
 */
export class MessagesStream {
  #identity: ToldIdentity;
  #usage: ToldUsage | undefined;
  #reason: string | undefined;
  #stopWord: string | undefined;
  #calls = 0;
  /** By the index of its content block. */
  readonly #open = new Map<number, OpenCall>();

  constructor(identity: ToldIdentity) {
    this.#identity = identity;
  }

  /** The data of the events that one event becomes; none for pings and whatever says nothing in the published form. */
  push(data: string): readonly string[] {
    const event = parse(data);
    if (!isRecord(event)) return [data];
    switch (event['type']) {
      case 'message_start':
        return this.#start(event['message']);
      case 'content_block_start':
        return this.#blockStart(blockIndex(event), event['content_block']);
      case 'content_block_delta':
        return this.#delta(blockIndex(event), event['delta']);
      case 'content_block_stop':
        return this.#blockStop(blockIndex(event));
      case 'message_delta':
        return this.#messageDelta(event);
      case 'message_stop':
        return this.#stop();
      case 'error':
        return [errorData(event['error'])];
      default:
        return [];
    }
  }

  #say(delta: object): readonly string[] {
    return [chatChunk(this.#identity, delta)];
  }

  #start(message: unknown): readonly string[] {
    if (!isRecord(message)) return [];
    const { id, model } = message;
    this.#identity = {
      ...this.#identity,
      ...(typeof id === 'string' ? { id } : {}),
      ...(typeof model === 'string' ? { model } : {}),
    };
    this.#usage = readMessagesUsage(message['usage'], undefined);
    return this.#say({ role: 'assistant', content: '' });
  }

  #blockStart(index: number, block: unknown): readonly string[] {
    if (!isRecord(block)) return [];
    if (block['type'] === 'text') return textOf(block['text'], (content) => this.#say({ content }));
    if (block['type'] === 'thinking') return textOf(block['thinking'], (thinking) => this.#say({ reasoning_content: thinking }));
    if (block['type'] !== 'tool_use') return [];
    const place = this.#calls++;
    const input = isRecord(block['input']) && Object.keys(block['input']).length > 0 ? JSON.stringify(block['input']) : '';
    this.#open.set(index, { place, hasArguments: input !== '' });
    const made = { name: block['name'], arguments: input };
    return this.#say({ tool_calls: [{ index: place, id: block['id'], type: 'function', function: made }] });
  }

  #delta(index: number, delta: unknown): readonly string[] {
    if (!isRecord(delta)) return [];
    switch (delta['type']) {
      case 'text_delta':
        return textOf(delta['text'], (content) => this.#say({ content }));
      case 'thinking_delta':
        return textOf(delta['thinking'], (thinking) => this.#say({ reasoning_content: thinking }));
      case 'signature_delta':
        return textOf(delta['signature'], (signature) => this.#say({ reasoning_signature: signature }));
      case 'input_json_delta':
        return textOf(delta['partial_json'], (piece) => this.#arguments(index, piece));
      default:
        return [];
    }
  }

  #arguments(index: number, piece: string): readonly string[] {
    const call = this.#open.get(index);
    if (call === undefined) return [];
    call.hasArguments = true;
    return this.#say({ tool_calls: [{ index: call.place, function: { arguments: piece } }] });
  }

  /** A call without parameters brings no arguments at all, where the published form has `{}`. */
  #blockStop(index: number): readonly string[] {
    const call = this.#open.get(index);
    this.#open.delete(index);
    return call === undefined || call.hasArguments ? [] : this.#say({ tool_calls: [{ index: call.place, function: { arguments: '{}' } }] });
  }

  #messageDelta(event: Record<string, unknown>): readonly string[] {
    const delta = event['delta'];
    const reason = isRecord(delta) ? delta['stop_reason'] : undefined;
    if (typeof reason === 'string') this.#reason = reason;
    if (isRecord(delta) && typeof delta['stop_sequence'] === 'string') this.#stopWord = delta['stop_sequence'];
    this.#usage = readMessagesUsage(event['usage'], this.#usage);
    return [];
  }

  #stop(): readonly string[] {
    if (this.#reason === undefined) return [];
    const finish = chatChunk(this.#identity, {}, publishedReason(this.#reason), this.#stopWord);
    return [finish, ...(this.#usage === undefined ? [] : [usageChunk(this.#identity, this.#usage)]), '[DONE]'];
  }
}

function blockIndex(event: Record<string, unknown>): number {
  return typeof event['index'] === 'number' ? event['index'] : 0;
}

function textOf(value: unknown, say: (text: string) => readonly string[]): readonly string[] {
  return typeof value === 'string' && value !== '' ? say(value) : [];
}

function errorData(error: unknown): string {
  const told = isRecord(error) ? error : {};
  return JSON.stringify({ error: { type: told['type'], code: told['type'], message: told['message'] } });
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
