/** What decides how much of a charge a segment bears. */
export interface SegmentWeight {
  readonly outputTokens: number;
  readonly characters: number;
}

export interface ChargeTotals {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number | undefined;
}

/**
 * Splits a charge over its segments in proportion to their output tokens (to their characters where no tokens were
 * counted, evenly where there is neither), so that an answer made on two chips counts on both. The parts add up to
 * the charge exactly: each token falls into the segment in which its running share ends.
 */
export function attributeCharge(total: ChargeTotals, segments: readonly SegmentWeight[]): readonly ChargeTotals[] {
  const weights = segmentWeights(segments);
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0);
  const { usd } = total;
  const parts: ChargeTotals[] = [];
  let weightSoFar = 0;
  let inputSoFar = 0;
  let outputSoFar = 0;
  for (const weight of weights) {
    weightSoFar += weight;
    const share = weightSoFar / weightSum;
    const inputUntil = weightSoFar === weightSum ? total.inputTokens : Math.floor(total.inputTokens * share);
    const outputUntil = weightSoFar === weightSum ? total.outputTokens : Math.floor(total.outputTokens * share);
    parts.push({
      inputTokens: inputUntil - inputSoFar,
      outputTokens: outputUntil - outputSoFar,
      usd: usd === undefined ? undefined : usd * (weight / weightSum),
    });
    inputSoFar = inputUntil;
    outputSoFar = outputUntil;
  }
  return parts;
}

function segmentWeights(segments: readonly SegmentWeight[]): readonly number[] {
  if (segments.some((segment) => segment.outputTokens > 0)) return segments.map((segment) => Math.max(0, segment.outputTokens));
  if (segments.some((segment) => segment.characters > 0)) return segments.map((segment) => Math.max(0, segment.characters));
  return segments.map(() => 1);
}
