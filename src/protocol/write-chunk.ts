import { bytesOf, newBytes } from '../std/byte-slab.ts';
import { plainEndBytes, plainEvent, plainStartBytes, type DispatchedEvent } from './decode-sse.ts';

/** The identity that every chunk of one answer shares, whichever endpoint made it. */
export interface AnswerIdentity {
  readonly route: 'chat' | 'completions';
  readonly id: string;
  /** Seconds since the Unix epoch, as the API has it. */
  readonly created: number;
  readonly model: string;
}

const eventStart = new TextEncoder().encode('data: ');
const eventEnd = new TextEncoder().encode('\n\n');

/** One server-sent event around JSON bytes. */
export function frameEvent(json: Uint8Array): Uint8Array {
  const framed = newBytes(json.length + plainStartBytes + plainEndBytes);
  framed.set(eventStart);
  framed.set(json, plainStartBytes);
  framed.set(eventEnd, json.length + plainStartBytes);
  return framed;
}

/** An event around JSON text, as if it had been decoded. */
export function writeEvent(json: string): DispatchedEvent {
  const raw = frameEvent(bytesOf(json));
  return plainEvent(raw, plainStartBytes, raw.length - plainEndBytes);
}

/** A chunk of our own making, for the part of an answer that came from a raw completion elsewhere. */
export function writeChunk(
  identity: AnswerIdentity,
  part: { readonly text: string; readonly finishReason: string | null; readonly tokenIds: readonly number[] | undefined },
): Uint8Array {
  const chat = identity.route === 'chat';
  const body = chat ? { delta: part.text === '' ? {} : { content: part.text } } : { text: part.text };
  return bytesOf(
    JSON.stringify({
      id: identity.id,
      object: chat ? 'chat.completion.chunk' : 'text_completion',
      created: identity.created,
      model: identity.model,
      choices: [
        { index: 0, ...body, logprobs: null, finish_reason: part.finishReason, ...(part.tokenIds === undefined ? {} : { token_ids: part.tokenIds }) },
      ],
    }),
  );
}

export function writeUsageChunk(
  identity: AnswerIdentity,
  usage: { readonly inputTokens: number; readonly cachedInputTokens: number; readonly outputTokens: number },
): Uint8Array {
  return bytesOf(
    JSON.stringify({
      id: identity.id,
      object: identity.route === 'chat' ? 'chat.completion.chunk' : 'text_completion',
      created: identity.created,
      model: identity.model,
      choices: [],
      usage: {
        prompt_tokens: usage.inputTokens,
        completion_tokens: usage.outputTokens,
        total_tokens: usage.inputTokens + usage.outputTokens,
        prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
      },
    }),
  );
}
