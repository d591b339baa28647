import { blockedError, publishedCall, publishedReason, readCandidate } from './read-candidate.ts';
import { chatChunk, usageChunk, type ToldIdentity, type ToldUsage } from '../write-chat-answer.ts';

/**
 * Tells the event stream of Gemini's `streamGenerateContent` as one of the published form. Gemini sends no end marker:
 * the end is told when a finish reason came and the response ended properly.
 */
export class GenerateStream {
  #identity: ToldIdentity;
  #usage: ToldUsage | undefined;
  #reason: string | undefined;
  #begun = false;
  #calls = 0;

  constructor(identity: ToldIdentity) {
    this.#identity = identity;
  }

  push(data: string): readonly string[] {
    const piece = readCandidate(parse(data));
    // An error object passes: whoever hears it knows Google's form.
    if (piece === undefined) return [data];
    const said: string[] = [];
    if (!this.#begun) {
      this.#begun = true;
      this.#identity = { ...this.#identity, id: piece.id ?? this.#identity.id, model: piece.model ?? this.#identity.model };
      said.push(chatChunk(this.#identity, { role: 'assistant', content: '' }));
    }
    if (piece.blocked !== undefined) return [...said, blockedError(piece.blocked)];
    if (piece.thought !== '') said.push(chatChunk(this.#identity, { reasoning_content: piece.thought }));
    if (piece.text !== '') said.push(chatChunk(this.#identity, { content: piece.text }));
    for (const call of piece.calls) {
      const index = this.#calls++;
      said.push(chatChunk(this.#identity, { tool_calls: [{ index, ...publishedCall(call, index, this.#identity.id) }] }));
    }
    this.#usage = piece.usage ?? this.#usage;
    this.#reason = piece.finishReason ?? this.#reason;
    return said;
  }

  /** What a proper end of the response proves, if anything. */
  end(): readonly string[] {
    if (this.#reason === undefined) return [];
    const finish = chatChunk(this.#identity, {}, publishedReason(this.#reason, this.#calls > 0));
    return [finish, ...(this.#usage === undefined ? [] : [usageChunk(this.#identity, this.#usage)]), '[DONE]'];
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
