import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deadline } from './deadline.ts';
import { replayable } from './testing/replayable.ts';
import { virtualClock } from '../../test/support/virtual-clock.ts';

const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), afterMs: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ kind: fc.constant('clear' as const), afterMs: fc.constant(0) }),
  fc.record({ kind: fc.constant('wait' as const), afterMs: fc.integer({ min: 1, max: 150 }) }),
);

test('it is due when the last limit that was set is reached, once, and never after it was cleared', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const clock = virtualClock();
      const dueAtMs: number[] = [];
      const deadline = new Deadline(clock, () => dueAtMs.push(clock.nowMs()));
      const expected: number[] = [];
      let limitMs: number | undefined;
      for (const { kind, afterMs } of steps) {
        if (kind === 'set') {
          deadline.set(afterMs);
          limitMs = clock.nowMs() + afterMs;
        } else if (kind === 'clear') {
          deadline.clear();
          limitMs = undefined;
        } else {
          // Never a whole number, so that no wait ends in the very moment of a limit.
          const waitMs = afterMs + Math.SQRT1_2;
          const untilMs = clock.nowMs() + waitMs;
          let over = false;
          clock.after(waitMs, () => {
            over = true;
          });
          while (!over) clock.step();
          if (limitMs !== undefined && limitMs <= untilMs) {
            expected.push(limitMs);
            limitMs = undefined;
          }
        }
      }
      expect(dueAtMs.map((ms) => ms.toFixed(3))).toEqual(expected.map((ms) => ms.toFixed(3)));
    }),
    replayable('src/std/deadline.test.ts', 300),
  );
});

test('moving it sets no timer anew', () => {
  let timers = 0;
  const clock = virtualClock();
  const deadline = new Deadline(
    {
      ...clock,
      after: (delayMs, run) => {
        timers += 1;
        return clock.after(delayMs, run);
      },
    },
    () => {},
  );
  for (let times = 0; times < 1000; times += 1) deadline.set(50);
  expect(timers).toBe(1);
});
