export type SeamStep =
  /** Nothing of these pieces can belong to a stop string that began before the seam. */
  | { readonly kind: 'clear' }
  /** They might: hold them until more has come. */
  | { readonly kind: 'pending' }
  /** A stop string that began in the released text ended here: the answer is over at the seam. */
  | { readonly kind: 'stopped' };

/**
 * Watches for a stop string that began in the text already released and ends in what another endpoint continues with:
 * neither of the two can see it whole (DESIGN §4.4). Engines that hold a possible beginning back never need it.
 */
export class SeamStop {
  /** What would complete each stop string that the released text may have begun. */
  readonly #left: readonly string[];
  #text = '';

  constructor(released: string, stops: readonly string[]) {
    this.#left = stops.flatMap((stop) => completions(released, stop));
  }

  /** Whether any stop string may have begun before the seam: without one there is nothing to watch. */
  get open(): boolean {
    return this.#left.length > 0;
  }

  push(piece: string): SeamStep {
    this.#text += piece;
    if (this.#left.some((left) => this.#text.startsWith(left))) return { kind: 'stopped' };
    return { kind: this.#left.some((left) => left.startsWith(this.#text)) ? 'pending' : 'clear' };
  }
}

/** For each proper beginning of the stop string with which the released text ends, the rest of it. */
function completions(released: string, stop: string): readonly string[] {
  const lengths = Array.from({ length: Math.min(Math.max(stop.length - 1, 0), released.length) }, (_, index) => index + 1);
  return lengths.filter((length) => released.endsWith(stop.slice(0, length))).map((length) => stop.slice(length));
}
