import { skipPlain, utf8Length } from './scan-json.ts';
import { textOfBytes } from '../std/text-of-bytes.ts';
import type { WholeAnswer } from './read-whole-answer.ts';

const COMMA = 0x2c;
const COLON = 0x3a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** Of a number without a fraction: few enough that it is exact. */
const mostDigits = 15;

/** The members of an object that mean something here, by the length of their names. */
interface Level {
  readonly of: 'answer' | 'choice' | 'message' | 'usage' | 'prompt' | 'completion';
  readonly byLength: readonly (readonly Name[] | undefined)[];
}

interface Name {
  readonly text: string;
  readonly index: number;
}

const longestName = 32;
/** What any other member is called here. */
const another = 31;

function level(of: Level['of'], ...names: readonly string[]): Level {
  const all = names.map((text, index) => ({ text, index }));
  const byLength = Array.from({ length: longestName }, (_, size) => {
    const some = all.filter(({ text }) => text.length === size);
    return some.length === 0 ? undefined : some;
  });
  return { of, byLength };
}

const answerLevel = level('answer', 'choices', 'usage', 'model', 'error', 'second_source', 'prompt_token_ids', 'x_second_source_seed');
const choiceLevel = level('choice', 'message', 'finish_reason', 'token_ids', 'prompt_token_ids');
const messageLevel = level('message', 'content', 'refusal', 'tool_calls', 'reasoning_content', 'reasoning', 'function_call');
const usageLevel = level('usage', 'prompt_tokens', 'completion_tokens', 'prompt_tokens_details', 'completion_tokens_details');
const promptLevel = level('prompt', 'cached_tokens');
const completionLevel = level('completion', 'reasoning_tokens');

/**
 * Reads the usual whole answer of a chat in one pass over its bytes: one choice that says a text and nothing else.
 * Undefined for anything else, however sound, and for whatever is no JSON: then a parser must judge it. A test holds the
 * two together.
 */
export function readUsualAnswer(bytes: Uint8Array): Extract<WholeAnswer, { kind: 'answer' }> | undefined {
  return new UsualAnswerReader(bytes).read();
}

/** Methods read on from where the last one ended and return whether what they found is usual. */
class UsualAnswerReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #model: string | undefined;
  #characters = 0;
  #said = 0;
  #speaks = false;
  #end: 'stop' | 'length' | undefined;
  #tokens = 0;
  #inputTokens: number | undefined;
  #outputTokens = 0;
  #cachedTokens = 0;
  #reasoningTokens: number | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): Extract<WholeAnswer, { kind: 'answer' }> | undefined {
    if (!this.#object(answerLevel) || !this.#speaks || this.#end === undefined) return undefined;
    if (this.#skipSpace() < this.#bytes.length) return undefined;
    const [inputTokens, reasoningTokens] = [this.#inputTokens, this.#reasoningTokens];
    const counted = {
      inputTokens: inputTokens ?? 0,
      cachedInputTokens: Math.min(this.#cachedTokens, inputTokens ?? 0),
      outputTokens: this.#outputTokens,
    };
    const usage = reasoningTokens === undefined ? counted : { ...counted, reasoningTokens };
    return {
      kind: 'answer',
      characters: this.#characters,
      saidCharacters: this.#said,
      isEmptyStop: this.#said === 0 && this.#end === 'stop',
      model: this.#model,
      tellsIds: false,
      tellsSource: false,
      usage: inputTokens === undefined ? undefined : usage,
    };
  }

  #object(given: Level): boolean {
    if (!this.#takes(OPEN_OBJECT)) return false;
    let seen = 0;
    do {
      const name = this.#name(given);
      if (name < 0 || !this.#takes(COLON)) return false;
      if (name === another) {
        if (!this.#plain()) return false;
        continue;
      }
      // Of two of one name the last would count.
      if ((seen & (1 << name)) !== 0 || !this.#member(given.of, name)) return false;
      seen |= 1 << name;
    } while (this.#takes(COMMA));
    return this.#takes(CLOSE_OBJECT);
  }

  #member(of: Level['of'], name: number): boolean {
    switch (of) {
      case 'answer':
        return this.#answerMember(name);
      case 'choice':
        return name === 0 ? this.#object(messageLevel) : name === 1 && this.#finishReason();
      case 'message':
        return name === 0 ? this.#content() : this.#nothing();
      case 'usage':
        return this.#usageMember(name);
      case 'prompt':
        if (!this.#count()) return false;
        this.#cachedTokens = this.#tokens;
        return true;
      case 'completion':
        if (!this.#count()) return false;
        this.#reasoningTokens = this.#tokens;
        return true;
    }
  }

  #answerMember(name: number): boolean {
    if (name === 0) return this.#takes(OPEN_ARRAY) && this.#object(choiceLevel) && this.#takes(CLOSE_ARRAY);
    if (name === 1) return this.#nothing() || (this.#object(usageLevel) && this.#inputTokens !== undefined);
    return name === 2 && this.#modelName();
  }

  #usageMember(name: number): boolean {
    if (name === 2) return this.#nothing() || this.#object(promptLevel);
    if (name === 3) return this.#nothing() || this.#object(completionLevel);
    if (!this.#count()) return false;
    if (name === 0) this.#inputTokens = this.#tokens;
    else this.#outputTokens = this.#tokens;
    return true;
  }

  /** Which of the level's names stands here; -1 where none does, and for what needs a parser. */
  #name({ byLength }: Level): number {
    const start = this.#skipSpace() + 1;
    if (this.#bytes[start - 1] !== QUOTE) return -1;
    const end = skipPlain(this.#bytes, start);
    if (this.#bytes[end] !== QUOTE) return -1;
    this.#at = end + 1;
    const names = end - start < longestName ? byLength[end - start] : undefined;
    if (names !== undefined) for (const { text, index } of names) if (this.#stands(text, start)) return index;
    return another;
  }

  #stands(text: string, at: number): boolean {
    for (let index = 0; index < text.length; index++) if (this.#bytes[at + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  #modelName(): boolean {
    const start = this.#skipSpace() + 1;
    const end = skipPlain(this.#bytes, start);
    if (this.#bytes[start - 1] !== QUOTE || this.#bytes[end] !== QUOTE) return false;
    this.#model = textOfBytes(this.#bytes, start, end);
    this.#at = end + 1;
    return true;
  }

  #finishReason(): boolean {
    const start = this.#skipSpace() + 1;
    if (!this.#string()) return false;
    const size = this.#at - 1 - start;
    if (size === 4 && this.#stands('stop', start)) this.#end = 'stop';
    else if (size === 6 && this.#stands('length', start)) this.#end = 'length';
    return this.#end !== undefined;
  }

  /** A text, whose characters and UTF-16 units are counted. */
  #content(): boolean {
    const bytes = this.#bytes;
    let at = this.#skipSpace();
    if (bytes[at] !== QUOTE) return false;
    let [characters, units] = [0, 0];
    for (at += 1; ;) {
      const end = skipPlain(bytes, at);
      characters += end - at;
      units += end - at;
      const byte = bytes[end];
      at = end + 1;
      if (byte === QUOTE) break;
      const size = byte === BACKSLASH ? escapeLength(bytes[end + 1]) : utf8Length(bytes, end);
      if (size === 0) return false;
      characters += 1;
      // What takes four bytes in UTF-8 takes two units in UTF-16.
      units += size === 4 ? 2 : 1;
      at = end + size;
    }
    this.#at = at;
    this.#characters = characters;
    this.#said = units;
    this.#speaks = true;
    return true;
  }

  /** `null` or an empty array: neither says anything. */
  #nothing(): boolean {
    if (this.#takes(OPEN_ARRAY)) return this.#takes(CLOSE_ARRAY);
    return this.#literal('null');
  }

  /** Whatever has no parts. */
  #plain(): boolean {
    const byte = this.#bytes[this.#skipSpace()];
    if (byte === QUOTE) return this.#string();
    if (byte === OPEN_ARRAY) return this.#takes(OPEN_ARRAY) && this.#takes(CLOSE_ARRAY);
    if (byte === OPEN_OBJECT) return this.#takes(OPEN_OBJECT) && this.#takes(CLOSE_OBJECT);
    if (byte === 0x6e) return this.#literal('null');
    if (byte === 0x74) return this.#literal('true');
    return byte === 0x66 ? this.#literal('false') : this.#number();
  }

  #literal(text: string): boolean {
    if (!this.#stands(text, this.#skipSpace())) return false;
    this.#at += text.length;
    return true;
  }

  /** A string that nobody asks for; what is wrong in its UTF-8 hides no end of it. */
  #string(): boolean {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== QUOTE) return false;
    let at = this.#at + 1;
    for (;;) {
      at = skipPlain(bytes, at);
      const byte = bytes[at];
      if (byte === QUOTE) break;
      const size = byte === BACKSLASH ? escapeLength(bytes[at + 1]) : byte !== undefined && byte >= 0x80 ? 1 : 0;
      if (size === 0) return false;
      at += size;
    }
    this.#at = at + 1;
    return true;
  }

  /** A whole number of at least zero, without sign, fraction and exponent. */
  #count(): boolean {
    const start = this.#skipSpace();
    let tokens = 0;
    const end = this.#digits(start);
    if (end === start || end - start > mostDigits) return false;
    for (let at = start; at < end; at++) tokens = tokens * 10 + (this.#bytes[at] ?? 0) - 0x30;
    const next = this.#bytes[end];
    if ((this.#bytes[start] === 0x30 && end > start + 1) || next === 0x2e || next === 0x45 || next === 0x65) return false;
    this.#at = end;
    this.#tokens = tokens;
    return true;
  }

  /** Any number of RFC 8259 §6. */
  #number(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes[at] === 0x2d) at += 1;
    let end = bytes[at] === 0x30 ? at + 1 : this.#digits(at);
    if (end === at) return false;
    if (bytes[end] === 0x2e) {
      at = end + 1;
      end = this.#digits(at);
      if (end === at) return false;
    }
    if (bytes[end] === 0x45 || bytes[end] === 0x65) {
      at = bytes[end + 1] === 0x2b || bytes[end + 1] === 0x2d ? end + 2 : end + 1;
      end = this.#digits(at);
      if (end === at) return false;
    }
    this.#at = end;
    return true;
  }

  #digits(start: number): number {
    let at = start;
    while (isDigit(this.#bytes[at])) at += 1;
    return at;
  }

  /** Whether this byte comes next, behind any space; then it is read. */
  #takes(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte && this.#bytes[this.#skipSpace()] !== byte) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): number {
    let at = this.#at;
    for (let byte = this.#bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = this.#bytes[at]) at += 1;
    this.#at = at;
    return at;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** The length of an escape of one character by its letter; 0 for one by number, which may be half of a character, and for none. */
function escapeLength(letter: number | undefined): number {
  switch (letter) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return 2;
    default:
      return 0;
  }
}
