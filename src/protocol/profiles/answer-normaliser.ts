import { editObject, memberValues, type Edits } from '../edit-object.ts';
import { isRecord } from '../../std/is-record.ts';
import { jsonItems, spliceItems } from '../json-items.ts';
import { plainProfile, type Profile } from './profile.ts';

const decoder = new TextDecoder();

/** Whether any answer to this request may need to be rewritten into the published form. */
export function needsNormaliser({ answer }: Profile, asksForTools: boolean): boolean {
  if (answer === plainProfile.answer) return false;
  if (answer.usageIn !== 'usage' || answer.contentInParts || Object.keys(answer.finishReasons).length > 0) return true;
  return asksForTools && (answer.callsEndWithStop || answer.callsShareIndex);
}

/**
 * Writes the answers of one endpoint in the published form where its profile says that they differ, chunk by chunk or
 * whole, and leaves every byte as it came where they do not.
 */
export class AnswerNormaliser {
  readonly #profile: Profile;
  /** By choice: the ids of its tool calls so far, in order. */
  readonly #calls = new Map<number, string[]>();

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  /** Whether a chunk may need to be changed at all, at the price of a look at its text: most do not. */
  concerns(text: string): boolean {
    const { usageIn, contentInParts } = this.#profile.answer;
    if (usageIn === 'x_groq.usage' && text.includes('"x_groq"')) return true;
    if (contentInParts && /"content"\s*:\s*\[/.test(text)) return true;
    return text.includes('"tool_calls"') || /"finish_reason"\s*:\s*"/.test(text);
  }

  /** One chunk of a stream, or a whole answer: the same object where nothing is to change. */
  push(json: Uint8Array): Uint8Array {
    const { answer } = this.#profile;
    const edited = editObject(json, (members) => {
      const edits: Edits = new Map();
      const choices = members.get('choices');
      const written = choices === undefined ? undefined : spliceItems(choices, (choice, at) => this.#choice(choice, at));
      if (choices !== undefined && written !== undefined && written.length > 0 && !same(written, choices))
        edits.set('choices', decoder.decode(written));
      const own = answer.usageIn === 'x_groq.usage' && !hasValue(members.get('usage')) ? members.get('x_groq') : undefined;
      const usage = own === undefined ? undefined : memberValues(own)?.get('usage');
      if (usage !== undefined && hasValue(usage)) edits.set('usage', decoder.decode(usage));
      return edits;
    });
    return edited ?? json;
  }

  #choice(choice: Uint8Array, at: number): Uint8Array {
    const edited = editObject(choice, (members) => {
      const edits: Edits = new Map();
      const told: unknown = parsed(members.get('index'));
      const index = typeof told === 'number' ? told : at;
      for (const name of ['delta', 'message']) {
        const said = members.get(name);
        const written = said === undefined || said[0] !== 0x7b ? undefined : this.#said(said, index);
        if (written !== undefined) edits.set(name, decoder.decode(written));
      }
      const reason = this.#reason(parsed(members.get('finish_reason')), index);
      if (reason !== undefined) edits.set('finish_reason', JSON.stringify(reason));
      return edits;
    });
    return edited ?? choice;
  }

  #reason(reason: unknown, index: number): string | undefined {
    const { finishReasons, callsEndWithStop } = this.#profile.answer;
    if (typeof reason !== 'string') return undefined;
    const published = Object.hasOwn(finishReasons, reason) ? finishReasons[reason] : reason;
    const called = callsEndWithStop && published === 'stop' && this.#calls.has(index);
    const told = called ? 'tool_calls' : published;
    return told === reason ? undefined : told;
  }

  #said(said: Uint8Array, index: number): Uint8Array | undefined {
    return editObject(said, (members) => {
      const edits: Edits = new Map();
      const calls = members.get('tool_calls');
      if (calls !== undefined && jsonItems(calls).length > 0) {
        const written = spliceItems(calls, (call) => this.#call(call, index));
        if (!same(written, calls)) edits.set('tool_calls', decoder.decode(written));
      }
      const content = members.get('content');
      if (this.#profile.answer.contentInParts && content?.[0] === 0x5b) splitParts(parsed(content), edits);
      return edits;
    });
  }

  /** Notes the call, and gives it a place of its own where the endpoint counts none. */
  #call(call: Uint8Array, index: number): Uint8Array {
    const ids = this.#calls.get(index) ?? [];
    this.#calls.set(index, ids);
    if (!this.#profile.answer.callsShareIndex) return call;
    const members = memberValues(call);
    const id: unknown = parsed(members?.get('id'));
    const begins = typeof id === 'string' && id !== '' && !ids.includes(id);
    if (begins) ids.push(id);
    // A piece without an id belongs to the call before it.
    const place = typeof id === 'string' && id !== '' ? ids.indexOf(id) : Math.max(0, ids.length - 1);
    const told: unknown = parsed(members?.get('index'));
    if (told === undefined || told === place || ids.length === 0) return call;
    return editObject(call, () => new Map([['index', String(place)]])) ?? call;
  }
}

/** Parts of text become the content, parts of thinking the reasoning, as the other engines tell them. */
function splitParts(parts: unknown, edits: Edits): void {
  let text = '';
  let thinking = '';
  for (const part of Array.isArray(parts) ? parts : []) {
    if (!isRecord(part)) continue;
    if (part['type'] === 'text' && typeof part['text'] === 'string') text += part['text'];
    if (part['type'] !== 'thinking') continue;
    const thoughts = Array.isArray(part['thinking']) ? part['thinking'] : [{ text: part['thinking'] }];
    for (const thought of thoughts) if (isRecord(thought) && typeof thought['text'] === 'string') thinking += thought['text'];
  }
  edits.set('content', JSON.stringify(text));
  if (thinking !== '') edits.set('reasoning_content', JSON.stringify(thinking));
}

function parsed(json: Uint8Array | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(decoder.decode(json));
}

function hasValue(json: Uint8Array | undefined): boolean {
  return json !== undefined && decoder.decode(json) !== 'null';
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
