import { expect, test } from 'vitest';
import { shareSeries } from './share-series.ts';
import type { TokensAt } from './dependence-report.ts';

function at(atWallMs: number, tokens: Readonly<Record<string, number>>): TokensAt {
  return { atWallMs, tokens: new Map(Object.entries(tokens)) };
}

test('each step is split among the vendors, in the order asked for', () => {
  const points = [at(0, { amd: 1, nvidia: 3 }), at(10, { amd: 2, nvidia: 2 })];
  const series = shareSeries({ bucketMs: 10, points }, ['nvidia', 'amd']);
  expect(series.map(({ vendor, points: of }) => [vendor, of.map(({ share }) => share)])).toEqual([
    ['nvidia', [0.75, 0.5]],
    ['amd', [0.25, 0.5]],
  ]);
});

test('a time without tokens has no share, rather than a share of nothing', () => {
  const points = [at(0, { amd: 1 }), at(10, {}), at(50, { amd: 1 })];
  const [amd] = shareSeries({ bucketMs: 10, points }, ['amd']);
  expect(amd?.points).toEqual([
    { atWallMs: 0, share: 1 },
    { atWallMs: 10, share: undefined },
    { atWallMs: 20, share: undefined },
    { atWallMs: 50, share: 1 },
  ]);
});

test('vendors beyond what can be told apart are one line, and nothing of them is lost', () => {
  const tokens = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`v${index}`, 1]));
  const series = shareSeries({ bucketMs: 10, points: [at(0, tokens)] }, []);
  expect(series.map(({ vendor, vendors }) => [vendor, vendors])).toEqual([
    ['v0', 1],
    ['v1', 1],
    ['v2', 1],
    ['v3', 1],
    ['v4', 1],
    [undefined, 4],
  ]);
  expect(series.reduce((sum, { points }) => sum + (points[0]?.share ?? 0), 0)).toBeCloseTo(1);
});

test('many steps are put together, weighted by their tokens', () => {
  const points = Array.from({ length: 1_000 }, (_, step) => at(step * 10, step % 5 === 0 ? { amd: 96 } : { nvidia: 1 }));
  const [amd] = shareSeries({ bucketMs: 10, points }, ['amd', 'nvidia']);
  expect(amd?.points.length).toBe(200);
  expect(new Set(amd?.points.map(({ share }) => share))).toEqual(new Set([0.96]));
});

test('no steps are no points', () => {
  expect(shareSeries({ bucketMs: 0, points: [] }, ['amd'])).toEqual([{ vendor: 'amd', vendors: 1, points: [] }]);
});
