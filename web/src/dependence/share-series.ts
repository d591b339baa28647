import type { DependenceReport, TokensAt } from './dependence-report.ts';

/** More than this cannot be told apart on a screen. */
const mostPoints = 200;
/** More lines than this cannot be told apart in one chart; the rest are drawn as one. */
const mostLines = 6;

export interface SharePoint {
  readonly atWallMs: number;
  /** Undefined where no token was made, which is no share at all rather than none. */
  readonly share: number | undefined;
}

export interface ShareSeries {
  /** Undefined stands for all others together. */
  readonly vendor: string | undefined;
  /** How many vendors it stands for. */
  readonly vendors: number;
  readonly points: readonly SharePoint[];
}

/** Each vendor's part of the tokens over time, in the order given; vendors beyond the sixth line are summed. */
export function shareSeries(overTime: DependenceReport['overTime'], order: readonly string[]): readonly ShareSeries[] {
  const points = withGaps(...merged(overTime));
  const all = new Set([...order, ...points.flatMap(({ tokens }) => [...tokens.keys()])]);
  const named = [...all].slice(0, all.size > mostLines ? mostLines - 1 : mostLines);
  const series: ShareSeries[] = named.map((vendor) => ({
    vendor,
    vendors: 1,
    points: points.map((point) => shareAt(point, (name) => name === vendor)),
  }));
  if (all.size === named.length) return series;
  const isOther = (name: string): boolean => !named.includes(name);
  return [...series, { vendor: undefined, vendors: all.size - named.length, points: points.map((point) => shareAt(point, isOther)) }];
}

function shareAt({ atWallMs, tokens }: TokensAt, counts: (vendor: string) => boolean): SharePoint {
  let all = 0;
  let own = 0;
  for (const [vendor, count] of tokens) {
    all += count;
    if (counts(vendor)) own += count;
  }
  return { atWallMs, share: all > 0 ? own / all : undefined };
}

/** Neighbours put together until there are few enough, tokens summed, so that shares stay those of the whole. */
function merged({ bucketMs, points }: DependenceReport['overTime']): [readonly TokensAt[], number] {
  const first = points[0]?.atWallMs ?? 0;
  const last = points.at(-1)?.atWallMs ?? 0;
  const step = Math.max(bucketMs, 1);
  const wideMs = step * Math.max(1, Math.ceil(((last - first) / step + 1) / mostPoints));
  const wide = new Map<number, Map<string, number>>();
  for (const { atWallMs, tokens } of points) {
    const start = first + Math.floor((atWallMs - first) / wideMs) * wideMs;
    const sums = wide.get(start) ?? new Map<string, number>();
    for (const [vendor, count] of tokens) sums.set(vendor, (sums.get(vendor) ?? 0) + count);
    wide.set(start, sums);
  }
  return [[...wide].map(([atWallMs, tokens]) => ({ atWallMs, tokens })), wideMs];
}

/** Where buckets are missing, an empty one stands, so that no line is drawn over a time of which nothing is known. */
function withGaps(points: readonly TokensAt[], bucketMs: number): readonly TokensAt[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const gap = before !== undefined && point.atWallMs - before.atWallMs > bucketMs * 1.5;
    return gap ? [{ atWallMs: before.atWallMs + bucketMs, tokens: new Map<string, number>() }, point] : [point];
  });
}
