import { expect, test } from 'vitest';
import { linePath, spreadLabels } from './chart-geometry.ts';

const scale = { x: (at: number) => at, y: (share: number) => share * 100 };

test('a line breaks where nothing is known, and a point that stands alone is still seen', () => {
  const points = [
    { atWallMs: 0, share: 0.5 },
    { atWallMs: 10, share: 1 },
    { atWallMs: 20, share: undefined },
    { atWallMs: 30, share: 0.25 },
  ];
  expect(linePath(points, scale)).toBe('M0.0 50.0L10.0 100.0M30.0 25.0m-2 0h4');
  expect(linePath([], scale)).toBe('');
});

test('labels that would cover each other move apart, in their order and within the height', () => {
  expect(spreadLabels([10, 200, 50], 16, 240)).toEqual([10, 200, 50]);
  expect(spreadLabels([50, 52, 40], 16, 240)).toEqual([56, 72, 40]);
  expect(spreadLabels([238, 240, 239], 16, 240)).toEqual([208, 240, 224]);
});
