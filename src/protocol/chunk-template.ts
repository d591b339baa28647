import { jsonItems } from './json-items.ts';
import { memberValues } from './edit-object.ts';
import { textOfBytes } from '../std/text-of-bytes.ts';
import type { ChunkFacts } from './read-chunk.ts';

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
  readonly #prefix: Uint8Array;
  readonly #suffix: Uint8Array;

  private constructor(facts: ChunkFacts, prefix: Uint8Array, suffix: Uint8Array) {
    this.#facts = facts;
    this.#prefix = prefix;
    this.#suffix = suffix;
  }

  /** Learns the form of a chunk that `readChunk` understood; undefined where it says more than a piece of text. */
  static learn(data: Uint8Array, facts: ChunkFacts): ChunkTemplate | undefined {
    if (!isPlain(facts)) return undefined;
    const value = contentValue(data);
    if (value === undefined || value[0] !== QUOTE || value.length < 3) return undefined;
    const start = value.byteOffset - data.byteOffset + 1;
    const end = start + value.length - 2;
    const template = new ChunkTemplate(facts, data.slice(0, start), data.slice(end));
    // What it was learnt from must read as it was read by the parser.
    return template.textOf(data, 0, data.length) === facts.text ? template : undefined;
  }

  /** The text of the chunk between `start` and `end` if it has this form and says something; else a parser must read it. */
  textOf(bytes: Uint8Array, start: number, end: number): string | undefined {
    const textStart = start + this.#prefix.length;
    const textEnd = end - this.#suffix.length;
    if (textEnd <= textStart || !hasAt(bytes, textEnd, this.#suffix) || !hasAt(bytes, start, this.#prefix)) return undefined;
    return stringBetween(bytes, textStart, textEnd);
  }

  factsWith(text: string): ChunkFacts {
    return { ...this.#facts, text, saidCharacters: text.length };
  }

  /** The bytes of the text, in JSON's spelling, of the chunk between `start` and `end`, which has this form. */
  spelling(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return bytes.subarray(start + this.#prefix.length, end - this.#suffix.length);
  }

  /** A chunk of this form around another text, which must need no escape. */
  chunkWith(text: string): Uint8Array {
    const middle = encoder.encode(text);
    const chunk = new Uint8Array(this.#prefix.length + middle.length + this.#suffix.length);
    chunk.set(this.#prefix);
    chunk.set(middle, this.#prefix.length);
    chunk.set(this.#suffix, this.#prefix.length + middle.length);
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

function hasAt(data: Uint8Array, at: number, part: Uint8Array): boolean {
  for (let index = 0; index < part.length; index++) {
    if (data[at + index] !== part[index]) return false;
  }
  return true;
}

/** Reads the inside of one JSON string; undefined where it is not all of one. */
function stringBetween(data: Uint8Array, start: number, end: number): string | undefined {
  let hasEscape = false;
  for (let at = start; at < end; at++) {
    const byte = data[at] ?? 0;
    if (byte === QUOTE || byte < 0x20) return undefined;
    if (byte === BACKSLASH) {
      hasEscape = true;
      at += 1;
      if (at === end) return undefined;
    }
  }
  const spelled = textOfBytes(data, start, end);
  return hasEscape ? unescaped(spelled) : spelled;
}

function unescaped(spelled: string): string | undefined {
  try {
    const text: unknown = JSON.parse(`"${spelled}"`);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
