import type { SharePoint } from './share-series.ts';

export interface Scale {
  readonly x: (atWallMs: number) => number;
  readonly y: (share: number) => number;
}

/** The path of a line with gaps where no share is known. A point that stands alone becomes a short dash, so that it is seen. */
export function linePath(points: readonly SharePoint[], { x, y }: Scale): string {
  const parts: string[] = [];
  for (const [index, { atWallMs, share }] of points.entries()) {
    if (share === undefined) continue;
    const begins = points[index - 1]?.share === undefined;
    const ends = points[index + 1]?.share === undefined;
    parts.push(`${begins ? 'M' : 'L'}${x(atWallMs).toFixed(1)} ${y(share).toFixed(1)}`);
    if (begins && ends) parts.push('m-2 0h4');
  }
  return parts.join('');
}

/** Moves labels apart that would cover each other, in their order, within the height; `apart` is the least distance. */
export function spreadLabels(wanted: readonly number[], apart: number, lowest: number): readonly number[] {
  const order = wanted.map((y, index) => ({ y, index })).toSorted((one, other) => one.y - other.y);
  let above = Number.NEGATIVE_INFINITY;
  for (const label of order) {
    label.y = Math.max(label.y, above + apart);
    above = label.y;
  }
  let below = lowest + apart;
  for (const label of order.toReversed()) {
    label.y = Math.min(label.y, below - apart);
    below = label.y;
  }
  return order.toSorted((one, other) => one.index - other.index).map(({ y }) => y);
}
