/** A run of an answer's text with the index of the segment that made it; undefined where no segment claims it. */
export interface Piece {
  readonly text: string;
  readonly segment: number | undefined;
}

/**
 * Splits an answer's text where one segment ends and the next begins. Lengths are Unicode code points, so that no
 * character outside the basic plane is cut in two; text beyond the last segment stays, claimed by none.
 */
export function splitBySegments(text: string, segments: readonly { readonly characters: number }[]): readonly Piece[] {
  const points = Array.from(text);
  const pieces: Piece[] = [];
  let start = 0;
  for (const [index, { characters }] of segments.entries()) {
    const end = Math.min(points.length, start + characters);
    if (end > start) pieces.push({ text: points.slice(start, end).join(''), segment: index });
    start = end;
  }
  if (start < points.length) pieces.push({ text: points.slice(start).join(''), segment: undefined });
  return pieces;
}
