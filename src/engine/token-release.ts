import { incompleteTail } from './token-bytes.ts';

/** A generated token on its way out. */
export interface ReleasedToken {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly logprobs?: TokenLogprobs | undefined;
}

export interface TokenLogprobs {
  readonly logprob: number;
  /** The most likely tokens, best first. */
  readonly top: readonly { readonly id: number; readonly logprob: number }[];
}

/** Text that may go out, and exactly the tokens whose decoding it is. */
export interface Release {
  readonly text: string;
  readonly tokens: readonly ReleasedToken[];
  /** The stop string or marker that ended the text; its own text and tokens are in no release. */
  readonly matched?: string;
  /** Text that came after the match, in the last token. */
  readonly rest?: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const nothing: Release = { text: '', tokens: [] };

/**
 * Decides which tokens may go out. It holds back whole tokens whose text is not settled yet: an unfinished character,
 * or what may turn out to be the beginning of a stop string. Thus each release is exactly the decoding of its tokens,
 * and a continuation from any release on starts with no hidden state.
 */
export class TokenRelease {
  readonly #stops: readonly { readonly text: string; readonly bytes: Uint8Array }[];
  #held: ReleasedToken[] = [];
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop.length > 0).map((text) => ({ text, bytes: encoder.encode(text) }));
  }

  push(token: ReleasedToken): Release {
    this.#held.push(token);
    this.#bytes = this.#held.length === 1 ? token.bytes : joined(this.#bytes, token.bytes);
    const match = this.#firstMatch();
    if (match !== undefined) return this.#cutAt(match.at, match.text);
    return this.#release(this.#settled());
  }

  /** The answer is over: what was held back goes out, with U+FFFD for a character that never ended. */
  flush(): Release {
    if (this.#held.length === 0) return nothing;
    const release = { text: decoder.decode(this.#bytes), tokens: this.#held };
    this.#held = [];
    this.#bytes = new Uint8Array(0);
    return release;
  }

  #firstMatch(): { at: number; text: string } | undefined {
    let first: { at: number; text: string } | undefined;
    for (const stop of this.#stops) {
      const at = indexOfBytes(this.#bytes, stop.bytes);
      if (at >= 0 && (first === undefined || at < first.at)) first = { at, text: stop.text };
    }
    return first;
  }

  /** Up to where the bytes can no longer become part of a stop string, nor of an unfinished character. */
  #settled(): number {
    const length = this.#bytes.length;
    let settled = length - incompleteTail(this.#bytes);
    for (const stop of this.#stops) {
      for (let size = Math.min(stop.bytes.length - 1, length); size > length - settled; size--) {
        if (endsWithBeginning(this.#bytes, stop.bytes, size)) {
          settled = length - size;
          break;
        }
      }
    }
    return settled;
  }

  /** Releases whole tokens that end at or before `limit`. */
  #release(limit: number): Release {
    let count = 0;
    let end = 0;
    let offset = 0;
    for (const [index, token] of this.#held.entries()) {
      offset += token.bytes.length;
      if (offset > limit) break;
      // Cutting inside a character would leave the other half to a decoder that has forgotten this one.
      if (incompleteTail(this.#bytes, offset) > 0) continue;
      count = index + 1;
      end = offset;
    }
    if (count === 0) return nothing;
    const release = { text: decoder.decode(this.#bytes.subarray(0, end)), tokens: this.#held.slice(0, count) };
    this.#held = this.#held.slice(count);
    this.#bytes = this.#bytes.subarray(end);
    return release;
  }

  /** Releases the text before a match, and those of its tokens that have no part in the match. */
  #cutAt(at: number, matched: string): Release {
    const tokens: ReleasedToken[] = [];
    let offset = 0;
    for (const token of this.#held) {
      offset += token.bytes.length;
      if (offset > at) break;
      tokens.push(token);
    }
    const rest = decoder.decode(this.#bytes.subarray(at + encoder.encode(matched).length));
    const release = { text: decoder.decode(this.#bytes.subarray(0, at)), tokens, matched, rest };
    this.#held = [];
    this.#bytes = new Uint8Array(0);
    return release;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function indexOfBytes(haystack: Uint8Array, needle: Uint8Array): number {
  outer: for (let start = 0; start + needle.length <= haystack.length; start++) {
    for (let index = 0; index < needle.length; index++) {
      if (haystack[start + index] !== needle[index]) continue outer;
    }
    return start;
  }
  return -1;
}

function endsWithBeginning(bytes: Uint8Array, stop: Uint8Array, size: number): boolean {
  const start = bytes.length - size;
  for (let index = 0; index < size; index++) {
    if (bytes[start + index] !== stop[index]) return false;
  }
  return true;
}
