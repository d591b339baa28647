import { JsonCursor, another, namesOf } from './json-cursor.ts';
import { textOfBytes } from '../std/text-of-bytes.ts';
import type { MemberSpan, ScanLimits, ScannedJson } from './scan-json.ts';

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What a usual chat says beside its messages. */
export interface UsualFields {
  model: string;
  frequency_penalty?: number;
  max_completion_tokens?: number;
  max_tokens?: number;
  n?: number;
  presence_penalty?: number;
  stop?: string;
  stream?: boolean;
  stream_options?: { include_usage: boolean };
  temperature?: number;
  top_p?: number;
}

export interface ReadUsualChat {
  readonly scanned: ScannedJson;
  readonly fields: UsualFields;
  /** UTF-16 units of all messages. */
  readonly characters: number;
  readonly endsWithAssistant: boolean;
}

const modelCharacters = 256;
/** The body, its messages, and each of them. */
const depth = 3;
/** Keys, values and brackets of a message, and of any other member at most. */
const tokensEach = 5;

const fieldNames = [
  'model',
  'messages',
  'stream',
  'stream_options',
  'stop',
  'user',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
] as const;
const names = namesOf(...fieldNames);
const messageNames = namesOf('role', 'content');
const optionNames = namesOf('include_usage');

/**
 * Scans a usual chat (`usual-chat.ts`) and reads what it says in the same pass, without building its messages. Undefined
 * for any other, however sound, and for whatever is no JSON: then the scan and the parser must judge it. A test holds the
 * two together.
 */
export function readUsualChat(bytes: Uint8Array, limits: ScanLimits): ReadUsualChat | undefined {
  return limits.depth < depth ? undefined : new UsualChatReader(bytes).read(limits.tokens);
}

/** Methods read on from where the last one ended and return whether what they found is usual. */
class UsualChatReader {
  readonly #json: JsonCursor;
  readonly #members = new Map<string, MemberSpan>();
  readonly #fields: UsualFields = { model: '' };
  #characters = 0;
  #messages = 0;
  #endsWithAssistant = false;

  constructor(bytes: Uint8Array) {
    this.#json = new JsonCursor(bytes);
  }

  read(mostTokens: number): ReadUsualChat | undefined {
    const json = this.#json;
    if (!json.takes(OPEN_OBJECT)) return undefined;
    do if (!this.#member()) return undefined;
    while (json.takes(COMMA));
    if (!json.takes(CLOSE_OBJECT) || !json.isAtEnd) return undefined;
    if (this.#fields.model === '' || this.#messages === 0) return undefined;
    if (1 + (this.#members.size + this.#messages) * tokensEach > mostTokens) return undefined;
    return {
      scanned: { kind: 'object', members: this.#members, shadowed: [] },
      fields: this.#fields,
      characters: this.#characters,
      endsWithAssistant: this.#endsWithAssistant,
    };
  }

  #member(): boolean {
    const json = this.#json;
    const keyStart = json.begin();
    const name = fieldNames[json.name(names)];
    if (name === undefined || this.#members.has(name) || !json.takes(COLON)) return false;
    const valueStart = json.begin();
    if (!this.#value(name)) return false;
    this.#members.set(name, { keyStart, valueStart, valueEnd: json.at });
    return true;
  }

  #value(name: (typeof fieldNames)[number]): boolean {
    switch (name) {
      case 'model':
        this.#fields.model = this.#json.word() ?? '';
        return this.#fields.model !== '' && this.#fields.model.length <= modelCharacters;
      case 'messages':
        return this.#readMessages();
      case 'stream':
        return this.#stream();
      case 'stream_options':
        return this.#options();
      case 'stop':
        return this.#stop();
      case 'user':
        return this.#json.text();
      case 'max_tokens':
      case 'max_completion_tokens':
      case 'n':
        return this.#count(name);
      case 'temperature':
        return this.#number(name, 0, 2);
      case 'top_p':
        return this.#number(name, 0, 1);
      case 'frequency_penalty':
      case 'presence_penalty':
        return this.#number(name, -2, 2);
    }
  }

  #stream(): boolean {
    const stream = this.#flag();
    if (stream === undefined) return false;
    this.#fields.stream = stream;
    return true;
  }

  #stop(): boolean {
    const stop = this.#json.word();
    if (stop === undefined) return false;
    this.#fields.stop = stop;
    return true;
  }

  #count(name: 'max_tokens' | 'max_completion_tokens' | 'n'): boolean {
    if (!this.#json.count() || this.#json.counted < 1) return false;
    this.#fields[name] = this.#json.counted;
    return true;
  }

  #number(name: 'temperature' | 'top_p' | 'frequency_penalty' | 'presence_penalty', least: number, most: number): boolean {
    const start = this.#json.begin();
    if (!this.#json.number()) return false;
    const value = Number(textOfBytes(this.#json.bytes, start, this.#json.at));
    this.#fields[name] = value;
    return value >= least && value <= most;
  }

  #flag(): boolean | undefined {
    if (this.#json.literal('true')) return true;
    return this.#json.literal('false') ? false : undefined;
  }

  #options(): boolean {
    const json = this.#json;
    if (!json.takes(OPEN_OBJECT) || json.name(optionNames) !== 0 || !json.takes(COLON)) return false;
    const usage = this.#flag();
    if (usage === undefined) return false;
    this.#fields.stream_options = { include_usage: usage };
    return json.takes(CLOSE_OBJECT);
  }

  #readMessages(): boolean {
    const json = this.#json;
    if (!json.takes(OPEN_ARRAY)) return false;
    do if (!this.#message()) return false;
    while (json.takes(COMMA));
    return json.takes(CLOSE_ARRAY);
  }

  #message(): boolean {
    const json = this.#json;
    if (!json.takes(OPEN_OBJECT)) return false;
    const first = this.#part();
    if (first < 0 || !json.takes(COMMA) || this.#part() !== 1 - first) return false;
    this.#messages += 1;
    return json.takes(CLOSE_OBJECT);
  }

  /** A message's role or content; returns which, or -1. */
  #part(): number {
    const json = this.#json;
    const name = json.name(messageNames);
    if (name < 0 || name === another || !json.takes(COLON)) return -1;
    if (name === 0) {
      const role = json.word();
      this.#endsWithAssistant = role === 'assistant';
      return role === 'user' || role === 'system' || role === 'assistant' ? 0 : -1;
    }
    if (!json.text()) return -1;
    this.#characters += json.units;
    return 1;
  }
}
