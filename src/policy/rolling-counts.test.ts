import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replayable } from '../std/testing/replayable.ts';
import { RollingCounts } from './rolling-counts.ts';

const kinds = ['ok', 'failed', 'retried'] as const;
const windowSeconds = 5;

const step = fc.record({
  do: fc.constantFrom('add', 'add', 'total', 'clear'),
  kind: fc.constantFrom(...kinds),
  passedMs: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 9000 })),
});

test('of each kind it tells what was added in this second and the four before it, since it was last cleared', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const counts = new RollingCounts(kinds, windowSeconds);
      let added: { readonly kind: string; readonly second: number }[] = [];
      let nowMs = 0;
      for (const { do: what, kind, passedMs } of steps) {
        nowMs += passedMs;
        const second = Math.floor(nowMs / 1000);
        if (what === 'clear') {
          counts.clear();
          added = [];
        } else if (what === 'add') {
          counts.add(kind, nowMs);
          added.push({ kind, second });
        } else {
          const expected = added.filter((one) => one.kind === kind && one.second > second - windowSeconds).length;
          expect(counts.total(kind, nowMs)).toBe(expected);
        }
      }
    }),
    replayable('src/policy/rolling-counts.test.ts', 300),
  );
});

test('a time before 0, or none, is an error', () => {
  const counts = new RollingCounts(kinds, windowSeconds);
  for (const nowMs of [-1, Number.NaN]) {
    expect(() => counts.add('ok', nowMs)).toThrow(RangeError);
    expect(() => counts.total('ok', nowMs)).toThrow(RangeError);
  }
});
