/** What is left of a piece of text once the repetition was taken off it. */
export type PrefixStep = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'differs' };

/**
 * Takes the released text off the beginning of an answer whose endpoint repeats its prefill (llama.cpp's server does).
 * Only what is declared to be repeated is taken off: dropping any overlap would lose what a model really said twice.
 * An endpoint that begins otherwise did not continue this text, and its answer cannot be used.
 */
export class RepeatedPrefix {
  #left: string;

  constructor(released: string) {
    this.#left = released;
  }

  push(piece: string): PrefixStep {
    const shared = Math.min(piece.length, this.#left.length);
    if (piece.slice(0, shared) !== this.#left.slice(0, shared)) return { kind: 'differs' };
    this.#left = this.#left.slice(shared);
    return { kind: 'text', text: piece.slice(shared) };
  }
}
