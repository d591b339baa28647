import type { AnswerLengths } from './answer-lengths.ts';
import type { DeploymentProfile } from './deployment-profile.ts';

/** Beyond so many at once, dispatches are not followed: their load does not count, and nothing is learned of them. */
const mostDispatches = 1 << 16;
const noDispatch = -1;

/**
 * What must be remembered of dispatches until they end, in columns that grow to the most there ever were at once.
 * A dispatch's number says its row and how often that row was used, so that an old number finds nothing.
 */
export class DispatchBook {
  readonly profiles: (DeploymentProfile | undefined)[] = [];
  readonly lengths: (AnswerLengths | undefined)[] = [];
  #uses = new Float64Array(64);
  sentMs = new Float64Array(64);
  /** -1 until the first token. */
  firstMs = new Float64Array(64);
  freshTokens = new Float64Array(64);
  expectedCached = new Float64Array(64);
  blockTokens = new Float64Array(64);
  aheadTokens = new Float64Array(64);
  heldTokens = new Float64Array(64);
  lengthKind = new Float64Array(64);
  decodingMs = new Float64Array(64);
  decodingTokenMs = new Float64Array(64);
  computedTokens = new Float64Array(64);
  readonly #free: number[] = [];

  /** A row for a dispatch, as its number; -1 where there are too many. */
  open(profile: DeploymentProfile, lengths: AnswerLengths): number {
    const row = this.#free.pop() ?? this.profiles.length;
    if (row >= mostDispatches) return noDispatch;
    if (row >= this.sentMs.length) this.#grow();
    this.profiles[row] = profile;
    this.lengths[row] = lengths;
    this.firstMs[row] = -1;
    return row + mostDispatches * (this.#uses[row] ?? 0);
  }

  /** The row of a dispatch that has not ended; undefined for any other number. */
  rowOf(dispatch: number): number | undefined {
    if (!(dispatch >= 0)) return undefined;
    const row = dispatch % mostDispatches;
    return this.profiles[row] !== undefined && (this.#uses[row] ?? 0) === (dispatch - row) / mostDispatches ? row : undefined;
  }

  close(row: number): void {
    this.profiles[row] = undefined;
    this.lengths[row] = undefined;
    this.#uses[row] = (this.#uses[row] ?? 0) + 1;
    this.#free.push(row);
  }

  #grow(): void {
    this.#uses = doubled(this.#uses);
    this.sentMs = doubled(this.sentMs);
    this.firstMs = doubled(this.firstMs);
    this.freshTokens = doubled(this.freshTokens);
    this.expectedCached = doubled(this.expectedCached);
    this.blockTokens = doubled(this.blockTokens);
    this.aheadTokens = doubled(this.aheadTokens);
    this.heldTokens = doubled(this.heldTokens);
    this.lengthKind = doubled(this.lengthKind);
    this.decodingMs = doubled(this.decodingMs);
    this.decodingTokenMs = doubled(this.decodingTokenMs);
    this.computedTokens = doubled(this.computedTokens);
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(column.length * 2);
  grown.set(column);
  return grown;
}
