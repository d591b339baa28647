import { another, JsonCursor, namesOf, type Names } from './json-cursor.ts';
import type { WholeAnswer } from './read-whole-answer.ts';

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The members of an object that mean something here. */
interface Level {
  readonly of: 'answer' | 'choice' | 'message' | 'usage' | 'prompt' | 'completion';
  readonly names: Names;
}

const answerNames = namesOf('choices', 'usage', 'model', 'error', 'second_source', 'prompt_token_ids', 'x_second_source_seed');
const answerLevel: Level = { of: 'answer', names: answerNames };
const choiceLevel: Level = { of: 'choice', names: namesOf('message', 'finish_reason', 'token_ids', 'prompt_token_ids') };
const messageNames = namesOf('content', 'refusal', 'tool_calls', 'reasoning_content', 'reasoning', 'function_call');
const messageLevel: Level = { of: 'message', names: messageNames };
const usageNames = namesOf('prompt_tokens', 'completion_tokens', 'prompt_tokens_details', 'completion_tokens_details');
const usageLevel: Level = { of: 'usage', names: usageNames };
const promptLevel: Level = { of: 'prompt', names: namesOf('cached_tokens') };
const completionLevel: Level = { of: 'completion', names: namesOf('reasoning_tokens') };

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
  readonly #json: JsonCursor;
  #model: string | undefined;
  #characters = 0;
  #said = 0;
  #speaks = false;
  #end: 'stop' | 'length' | undefined;
  #inputTokens: number | undefined;
  #outputTokens = 0;
  #cachedTokens = 0;
  #reasoningTokens: number | undefined;

  constructor(bytes: Uint8Array) {
    this.#json = new JsonCursor(bytes);
  }

  read(): Extract<WholeAnswer, { kind: 'answer' }> | undefined {
    if (!this.#object(answerLevel) || !this.#speaks || this.#end === undefined) return undefined;
    if (!this.#json.isAtEnd) return undefined;
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
    if (!this.#json.takes(OPEN_OBJECT)) return false;
    let seen = 0;
    do {
      const name = this.#json.name(given.names);
      if (name < 0 || !this.#json.takes(COLON)) return false;
      if (name === another) {
        if (!this.#json.plain()) return false;
        continue;
      }
      // Of two of one name the last would count.
      if ((seen & (1 << name)) !== 0 || !this.#member(given.of, name)) return false;
      seen |= 1 << name;
    } while (this.#json.takes(COMMA));
    return this.#json.takes(CLOSE_OBJECT);
  }

  #member(of: Level['of'], name: number): boolean {
    switch (of) {
      case 'answer':
        return this.#answerMember(name);
      case 'choice':
        return name === 0 ? this.#object(messageLevel) : name === 1 && this.#finishReason();
      case 'message':
        return name === 0 ? this.#content() : this.#json.nothing();
      case 'usage':
        return this.#usageMember(name);
      case 'prompt':
        if (!this.#json.count()) return false;
        this.#cachedTokens = this.#json.counted;
        return true;
      case 'completion':
        if (!this.#json.count()) return false;
        this.#reasoningTokens = this.#json.counted;
        return true;
    }
  }

  #answerMember(name: number): boolean {
    if (name === 0) return this.#json.takes(OPEN_ARRAY) && this.#object(choiceLevel) && this.#json.takes(CLOSE_ARRAY);
    if (name === 1) return this.#json.nothing() || (this.#object(usageLevel) && this.#inputTokens !== undefined);
    return name === 2 && this.#modelName();
  }

  #usageMember(name: number): boolean {
    if (name === 2) return this.#json.nothing() || this.#object(promptLevel);
    if (name === 3) return this.#json.nothing() || this.#object(completionLevel);
    if (!this.#json.count()) return false;
    if (name === 0) this.#inputTokens = this.#json.counted;
    else this.#outputTokens = this.#json.counted;
    return true;
  }

  #modelName(): boolean {
    this.#model = this.#json.word();
    return this.#model !== undefined;
  }

  #finishReason(): boolean {
    const reason = this.#json.word();
    if (reason !== 'stop' && reason !== 'length') return false;
    this.#end = reason;
    return true;
  }

  #content(): boolean {
    if (!this.#json.text() || this.#json.isSpelledByNumber) return false;
    this.#characters = this.#json.characters;
    this.#said = this.#json.units;
    this.#speaks = true;
    return true;
  }
}
