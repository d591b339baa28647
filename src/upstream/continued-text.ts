import { RepeatedPrefix } from '../protocol/repeated-prefix.ts';
import { SeamStop } from '../protocol/seam-stop.ts';
import type { StreamedChunk } from './stream-listener.ts';

/** A piece of a continuation, with the text of it that is new. */
export interface NewPiece {
  readonly chunk: StreamedChunk;
  readonly text: string;
}

export type SeamOutcome =
  | { readonly kind: 'release'; readonly pieces: readonly NewPiece[] }
  /** A stop string that straddles the seam ended the answer: nothing of these pieces belongs to it. */
  | { readonly kind: 'over' }
  | { readonly kind: 'wrong' };

/** Where another endpoint's text meets the released text: takes off what it repeats, and watches for a stop string across. */
export class ContinuedText {
  readonly #prefix: RepeatedPrefix | undefined;
  readonly #seam: SeamStop;
  #watching: boolean;
  #pending: NewPiece[] = [];

  constructor(released: string, repeats: boolean, stops: readonly string[]) {
    this.#prefix = repeats ? new RepeatedPrefix(released) : undefined;
    this.#seam = new SeamStop(released, stops);
    this.#watching = this.#seam.open;
  }

  push(chunk: StreamedChunk): SeamOutcome {
    const step = this.#prefix?.push(chunk.facts.text) ?? { kind: 'text', text: chunk.facts.text };
    if (step.kind === 'differs') return { kind: 'wrong' };
    if (step.text === '' && !chunk.facts.beyondText && chunk.facts.text !== '') return { kind: 'release', pieces: [] };
    this.#pending.push({ chunk, text: step.text });
    const seen = this.#watching && !chunk.facts.beyondText ? this.#seam.push(step.text).kind : 'clear';
    if (seen === 'stopped') return { kind: 'over' };
    return seen === 'pending' ? { kind: 'release', pieces: [] } : this.flush();
  }

  /** What was held while a stop string might still have been ending. */
  flush(): { readonly kind: 'release'; readonly pieces: readonly NewPiece[] } {
    this.#watching = false;
    const pieces = this.#pending;
    this.#pending = [];
    return { kind: 'release', pieces };
  }
}
