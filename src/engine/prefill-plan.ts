/*
 * Which tokens may share a batch, so that a sequence's numbers never depend on what ran beside it or where it was
 * cut. llama.cpp's CPU kernels give a token the same bits in any batch with two or more tokens of its own sequence,
 * but other bits alone (its attention then sums in another order). So
 *   - a prompt is always evaluated with at least two of its tokens at a time, and alone in its batch;
 *   - an answer's tokens are always evaluated one per sequence, on a continuation too;
 *   - a cell is reused only by a request that would itself have computed it in the same way.
 */

/** How a sequence's cells were computed: the first `prompt` tokens as a prompt, the rest one by one. */
export interface CellHistory {
  readonly tokens: readonly number[];
  readonly prompt: number;
}

/** How many leading cells of `history` a request for `wanted` may keep. At least one token is left to evaluate. */
export function reusableCells(history: CellHistory, wanted: CellHistory): number {
  // A prompt of one token is the one prompt that is evaluated alone, so it shares no cells with longer ones.
  if ((history.prompt === 1) !== (wanted.prompt === 1)) return 0;
  const common = commonPrefix(history.tokens, wanted.tokens);
  const alike = history.prompt === wanted.prompt ? common : Math.min(common, history.prompt, wanted.prompt);
  const answered = wanted.tokens.length - wanted.prompt;
  if (alike >= wanted.prompt && answered > 0) return Math.min(alike, wanted.tokens.length - 1);
  // The prompt's end is evaluated again, and two tokens of it, for alone the last would come out in another way.
  return Math.max(0, Math.min(alike, wanted.prompt - 2));
}

function commonPrefix(first: readonly number[], second: readonly number[]): number {
  const limit = Math.min(first.length, second.length);
  for (let index = 0; index < limit; index++) {
    if (first[index] !== second[index]) return index;
  }
  return limit;
}

/** The size of the next part of a prompt with `left` tokens to go: about `most`, and never leaving one token alone. */
export function nextPart(left: number, most: number): number {
  const limit = Math.max(3, most);
  if (left <= limit) return left;
  return left - limit === 1 ? limit - 1 : limit;
}
