import type { Sampling } from './sampling.ts';
import type { PickedToken, TokenPicker } from './token-picker.ts';
import { TokenRelease, type Release } from './token-release.ts';

export type EndReason = 'stop' | 'length';

export interface GenerationRequest {
  /** The prompt's token ids, followed by those of the answer that another engine produced before. */
  readonly tokens: readonly number[];
  /** How many of `tokens` are the prompt. */
  readonly promptTokens: number;
  readonly maxTokens: number;
  readonly sampling: Sampling;
  readonly stops: readonly string[];
  /** Where this text appears, the answer's plain text ends and something else begins: stop strings no longer count. */
  readonly marker?: string;
}

/** What a generation tells the route that asked for it. `onEnd` or `onFault` comes last, and once. */
export interface GenerationListener {
  /** The first token is about to come. */
  readonly onStart: (cachedTokens: number) => void;
  readonly onRelease: (release: Release) => void;
  /** What was held back goes out with the end, so that no cut can fall between them. */
  readonly onEnd: (release: Release, reason: EndReason) => void;
  readonly onFault: (fault: unknown) => void;
  /** Says that the client is too slow at the moment, and the answer should wait. */
  readonly congested: () => boolean;
}

/** One answer in the making: its tokens, and how far they are evaluated and released. */
export class Generation {
  readonly request: GenerationRequest;
  readonly listener: GenerationListener;
  /** Prompt and answer so far. */
  readonly tokens: number[];
  /** The answer alone, the part from another engine included. */
  readonly answer: number[];
  /** How many tokens have cells. */
  evaluated = 0;
  cached = 0;
  aborted = false;
  ended = false;
  picker: TokenPicker | undefined;
  #release: TokenRelease;
  #generated = 0;

  constructor(request: GenerationRequest, listener: GenerationListener) {
    this.request = request;
    this.listener = listener;
    this.tokens = [...request.tokens];
    this.answer = request.tokens.slice(request.promptTokens);
    this.#release = new TokenRelease(request.marker === undefined ? request.stops : [...request.stops, request.marker]);
  }

  get prefilling(): boolean {
    return this.evaluated < this.request.promptTokens;
  }

  get generated(): number {
    return this.#generated;
  }

  /** Takes the next token in and returns what is to be told to the listener, to be done when there is time. */
  accept(picked: PickedToken, bytes: Uint8Array, endsGeneration: boolean, contextTokens: number): () => void {
    const starts = this.#generated === 0 ? () => this.listener.onStart(this.cached) : undefined;
    this.#generated += 1;
    if (endsGeneration) return this.#end(starts, this.#release.flush(), 'stop');
    this.tokens.push(picked.id);
    this.answer.push(picked.id);
    const release = this.#release.push({ id: picked.id, bytes, logprobs: picked.logprobs });
    if (release.matched !== undefined && release.matched === this.request.marker) this.#release = new TokenRelease([]);
    else if (release.matched !== undefined) return this.#end(starts, release, 'stop');
    if (this.#generated >= this.request.maxTokens || this.tokens.length >= contextTokens) {
      return this.#end(starts, withHeld(release, this.#release.flush()), 'length');
    }
    return () => {
      starts?.();
      if (release.tokens.length > 0 || release.matched !== undefined) this.listener.onRelease(release);
    };
  }

  #end(starts: (() => void) | undefined, release: Release, reason: EndReason): () => void {
    this.ended = true;
    return () => {
      starts?.();
      this.listener.onEnd(release, reason);
    };
  }
}

function withHeld(release: Release, held: Release): Release {
  return { ...release, text: release.text + held.text, tokens: [...release.tokens, ...held.tokens] };
}
