import { frameEvent } from './write-chunk.ts';
import { jsonItems } from './json-items.ts';
import { memberValues } from './edit-object.ts';
import { plainEndBytes, plainStartBytes } from './decode-sse.ts';
import { textOfBytes } from '../std/text-of-bytes.ts';
import type { ChunkFacts } from './read-chunk.ts';

const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const encoder = new TextEncoder();

/**
 * The form that an endpoint gives its chunks of plain content, learnt from one of them: the same bytes before the text
 * and after it. Whatever has this form says the same as the one that it was learnt from, save for the text, so it
 * need not be parsed.
 */
export class ChunkTemplate {
  readonly #facts: ChunkFacts;
  /** The event without its text, in one piece. */
  readonly #form: Uint8Array;
  /** How much of the event stands before the text, and behind it. */
  readonly beforeBytes: number;
  readonly afterBytes: number;

  private constructor(facts: ChunkFacts, data: Uint8Array, textStart: number, textEnd: number) {
    this.#facts = facts;
    this.#form = frameEvent(withoutPart(data, textStart, textEnd));
    this.beforeBytes = plainStartBytes + textStart;
    this.afterBytes = data.length - textEnd + plainEndBytes;
  }

  /** Learns the form of a chunk that `readChunk` understood; undefined where it says more than a piece of text. */
  static learn(data: Uint8Array, facts: ChunkFacts): ChunkTemplate | undefined {
    if (!isPlain(facts)) return undefined;
    const value = contentValue(data);
    if (value === undefined || value[0] !== QUOTE || value.length < 3) return undefined;
    const start = value.byteOffset - data.byteOffset + 1;
    const end = start + value.length - 2;
    // Its like never come as one line.
    if (data.includes(LF)) return undefined;
    const template = new ChunkTemplate(facts, data, start, end);
    // What it was learnt from must read as it was read by the parser.
    return template.textOf(data, 0, data.length) === facts.text ? template : undefined;
  }

  /** The text of the chunk between `start` and `end` if it has this form and says something; else a parser must read it. */
  textOf(bytes: Uint8Array, start: number, end: number): string | undefined {
    const textStart = start + this.beforeBytes - plainStartBytes;
    const textEnd = end - this.afterBytes + plainEndBytes;
    if (textEnd <= textStart || !this.#hasBefore(bytes, start, plainStartBytes)) return undefined;
    if (Math.abs(endOfText(bytes, textStart, end)) !== textEnd || !this.#hasAfter(bytes, textEnd, end)) return undefined;
    return textBetween(bytes, textStart, textEnd);
  }

  /**
   * Where the text of the event at `start` ends, whose form is this one and which is all there; else 0. A text that is not
   * spelled as it reads, in ASCII, has a negative end.
   */
  endOfTextIn(bytes: Uint8Array, start: number, limit: number): number {
    const textStart = start + this.beforeBytes;
    if (textStart + this.afterBytes >= limit || !this.#hasBefore(bytes, start, 0)) return 0;
    const found = endOfText(bytes, textStart, limit - this.afterBytes + 1);
    const textEnd = Math.abs(found);
    return textEnd > textStart && this.#hasAfter(bytes, textEnd, textEnd + this.afterBytes) ? found : 0;
  }

  #hasBefore(bytes: Uint8Array, start: number, from: number): boolean {
    const form = this.#form;
    const offset = start - from;
    const end = this.beforeBytes;
    for (let at = from; at < end; at++) if (bytes[offset + at] !== form[at]) return false;
    return true;
  }

  #hasAfter(bytes: Uint8Array, textEnd: number, end: number): boolean {
    const form = this.#form;
    const offset = textEnd - this.beforeBytes;
    for (let at = textEnd; at < end; at++) if (bytes[at] !== form[at - offset]) return false;
    return true;
  }

  factsWith(text: string): ChunkFacts {
    return { ...this.#facts, text, saidCharacters: text.length };
  }

  /** A chunk of this form around another text, which must need no escape. */
  chunkWith(text: string): Uint8Array {
    const before = this.#form.subarray(plainStartBytes, this.beforeBytes);
    const middle = encoder.encode(text);
    const after = this.#form.subarray(this.beforeBytes, this.#form.length - plainEndBytes);
    const chunk = new Uint8Array(before.length + middle.length + after.length);
    chunk.set(before);
    chunk.set(middle, before.length);
    chunk.set(after, before.length + middle.length);
    return chunk;
  }
}

/** Whether a chunk tells nothing but a piece of the first choice's text, which is what its like differ in. */
function isPlain(facts: ChunkFacts): boolean {
  const { contentful, beyondText, hasRole, toolDeltas, finishReason, usage, usageInvalid } = facts;
  const tellsIds = facts.tokenIds !== undefined || facts.promptTokenIds !== undefined || facts.tokensSoFar !== undefined || facts.seed !== undefined;
  const tellsMore = beyondText || hasRole || toolDeltas.length > 0 || finishReason !== undefined || usage !== undefined || usageInvalid || tellsIds;
  return contentful && !tellsMore && facts.lastChoice === 0 && facts.text.length === facts.saidCharacters;
}

/** The text of the only choice, as its bytes in `data`. */
function contentValue(data: Uint8Array): Uint8Array | undefined {
  const choices = memberValues(data)?.get('choices');
  const [item, second] = choices === undefined ? [] : jsonItems(choices);
  if (choices === undefined || item === undefined || second !== undefined) return undefined;
  const choice = memberValues(choices.subarray(item.start, item.end));
  const delta = choice?.get('delta');
  return (delta === undefined ? undefined : memberValues(delta)?.get('content')) ?? choice?.get('text');
}

function withoutPart(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const rest = new Uint8Array(bytes.length - (end - start));
  rest.set(bytes.subarray(0, start));
  rest.set(bytes.subarray(end), start);
  return rest;
}

/**
 * Where the inside of a JSON string ends that begins at `start`: at its closing quote. 0 where that does not come before
 * `limit`; negative where the text is more than ASCII without escapes.
 */
function endOfText(bytes: Uint8Array, start: number, limit: number): number {
  let isAscii = true;
  for (let at = start; at < limit; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return isAscii ? at : -at;
    if (byte < 0x20) return 0;
    if (byte > 0x7e) isAscii = false;
    if (byte === BACKSLASH) {
      isAscii = false;
      at += 1;
    }
  }
  return 0;
}

/** Reads the inside of one JSON string; undefined where its escapes are none. */
export function textBetween(bytes: Uint8Array, start: number, end: number): string | undefined {
  const spelled = textOfBytes(bytes, start, end);
  return spelled.includes('\\') ? unescaped(spelled) : spelled;
}

function unescaped(spelled: string): string | undefined {
  try {
    const text: unknown = JSON.parse(`"${spelled}"`);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
