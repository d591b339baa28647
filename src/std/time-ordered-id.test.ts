import { expect, test } from 'vitest';
import { seededRandom } from './random.ts';
import { timeOrderedIds } from './time-ordered-id.ts';

test('ids sort by their time, have one length, and no two are equal', () => {
  let wallMs = 1_700_000_000_000;
  const random = seededRandom(1);
  const draw = (digits: number): string => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  const newId = timeOrderedIds({ wallMs: () => wallMs }, draw);
  const ids = Array.from({ length: 2000 }, (_, index) => {
    if (index % 3 === 0) wallMs += 1;
    return newId();
  });
  expect(new Set(ids).size).toBe(2000);
  expect(ids.every((id) => /^[0-9a-f]{24}$/.test(id))).toBe(true);
  const times = ids.map((id) => Number.parseInt(id.slice(0, 12), 16));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]).toBe(1_700_000_000_001);
});
