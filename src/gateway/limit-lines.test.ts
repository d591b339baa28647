import { expect, test } from 'vitest';
import { durationText } from './limit-lines.ts';

test('durations are written as OpenAI writes them, never shorter than they are', () => {
  expect([0, 0.2, 120, 999.1, 1000, 1500, 20_000, 60_000, 60_250, 360_000].map(durationText)).toEqual([
    '0ms',
    '1ms',
    '120ms',
    '1s',
    '1s',
    '1.5s',
    '20s',
    '1m0s',
    '1m0.25s',
    '6m0s',
  ]);
});
