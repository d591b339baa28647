import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatestOnly } from './latest-only.ts';

/** A clock that only the test moves; one timer at a time is all that the class needs. */
function manualTimer() {
  let due: (() => void) | undefined;
  return {
    schedule: (run: () => void) => {
      due = run;
      return () => {
        due = undefined;
      };
    },
    fire: () => {
      const run = due;
      due = undefined;
      run?.();
    },
    waits: () => due !== undefined,
  };
}

test('the first value passes at once, and only the latest of those that follow', () => {
  const timer = manualTimer();
  const seen: number[] = [];
  const latest = new LatestOnly<number>((value) => seen.push(value), 40, timer.schedule);
  for (const value of [1, 2, 3]) latest.push(value);
  expect(seen).toEqual([1]);
  timer.fire();
  expect(seen).toEqual([1, 3]);
});

test('after a stop nothing that came before it is passed on', () => {
  const timer = manualTimer();
  const seen: number[] = [];
  const latest = new LatestOnly<number>((value) => seen.push(value), 40, timer.schedule);
  latest.push(1);
  latest.push(2);
  latest.stop();
  timer.fire();
  expect(seen).toEqual([1]);
  latest.push(3);
  expect(seen).toEqual([1, 3]);
});

test('whatever the order of values and time, values pass in order, at most one per period, and the last one passes', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('push', 'time'), { maxLength: 60 }), (steps) => {
      const timer = manualTimer();
      const seen: number[] = [];
      const latest = new LatestOnly<number>((value) => seen.push(value), 40, timer.schedule);
      let periods = 1;
      for (const [index, step] of steps.entries()) {
        if (step === 'push') latest.push(index);
        else {
          timer.fire();
          periods += 1;
        }
      }
      expect(seen.length).toBeLessThanOrEqual(periods);
      while (timer.waits()) timer.fire();
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.at(-1)).toBe(steps.lastIndexOf('push') === -1 ? undefined : steps.lastIndexOf('push'));
    }),
  );
});
