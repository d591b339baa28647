import { noHashes, prefixBlockTokens, prefixHashes } from './prefix-hashes.ts';
import type { Ask, Objective, SloClass } from './ask.ts';

/** Where the part of a request's bytes stands that becomes its prompt. */
export interface PromptBytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Of whom and with what else the prompt is: prompts of another seed share no cache. */
  readonly seed: () => number;
}

/** What the choice knows of a request. The prompt is hashed only once somebody compares places by it. */
export class RequestAsk implements Ask {
  readonly promptTokens: number;
  readonly maxTokens: number | undefined;
  readonly slo: SloClass | undefined;
  readonly objective: Objective;
  readonly prefixBlockTokens = prefixBlockTokens;
  readonly #prompt: PromptBytes | undefined;
  #hashes: Int32Array = noHashes;
  #isHashed = false;

  constructor(
    size: Pick<Ask, 'promptTokens' | 'maxTokens'>,
    wish: { readonly slo: SloClass | undefined; readonly objective: Objective },
    prompt: PromptBytes | undefined,
  ) {
    this.promptTokens = size.promptTokens;
    this.maxTokens = size.maxTokens;
    this.slo = wish.slo;
    this.objective = wish.objective;
    this.#prompt = prompt;
  }

  /** Where one place alone can serve, nobody needs to know what it has in its cache. */
  get prefixHashes(): Int32Array {
    return this.#hashes;
  }

  /** More than one place could serve it: from now on it tells its prefixes. */
  compares(): void {
    if (this.#isHashed) return;
    this.#isHashed = true;
    const prompt = this.#prompt;
    if (prompt !== undefined) this.#hashes = prefixHashes(prompt.bytes, prompt.start, prompt.end, prompt.seed());
  }
}
