import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replayable } from './testing/replayable.ts';
import { SharedTimeout, type Wait } from './shared-timeout.ts';
import { systemClock, type Clock } from './clock.ts';
import { virtualClock } from '../../test/support/virtual-clock.ts';

const step = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), value: fc.constant(0) }),
  fc.record({ kind: fc.constant('end' as const), value: fc.nat(40) }),
  fc.record({ kind: fc.constant('wait' as const), value: fc.integer({ min: 1, max: 150 }) }),
);

/** One timer for each, as it would be without sharing. */
function timersOf(clock: ReturnType<typeof virtualClock>, forMs: number): Pick<SharedTimeout, 'begin'> & { readonly end: (wait: Wait) => void } {
  const cancels = new Map<Wait, () => void>();
  return {
    begin: (nowMs, run) => {
      const wait: Wait = { dueMs: nowMs + forMs, run, before: undefined, after: undefined, isOver: false };
      cancels.set(wait, clock.after(forMs, run));
      return wait;
    },
    end: (wait) => cancels.get(wait)?.(),
  };
}

test('each runs when its own timer would have, in the same order, and none that was ended', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const runs = [SharedTimeout, undefined].map((shared) => {
        const clock = virtualClock();
        const timeouts = shared === undefined ? timersOf(clock, 100) : new SharedTimeout(clock, 100);
        const waits: Wait[] = [];
        const ran: string[] = [];
        for (const { kind, value } of steps) {
          const wait = waits[value];
          if (kind === 'begin') {
            const name = waits.length;
            waits.push(timeouts.begin(clock.nowMs(), () => ran.push(`${name} at ${clock.nowMs()}`)));
          } else if (kind === 'end' && wait !== undefined) timeouts.end(wait);
          else if (kind === 'wait') {
            let over = false;
            // Never a whole number, so that no wait ends in the very moment of a limit.
            clock.after(value + Math.SQRT1_2, () => {
              over = true;
            });
            while (!over) clock.step();
          }
        }
        return ran;
      });
      expect(runs[0]?.map(rounded)).toEqual(runs[1]?.map(rounded));
    }),
    replayable('src/std/shared-timeout.test.ts', 300),
  );
});

/** A timer that is set anew waits for a difference, which is no more exact than numbers are. */
function rounded(ran: string): string {
  return ran.replace(/\.\d+$/, (fraction) => Number(fraction).toFixed(6).slice(1));
}

test('one that ends another, or begins a new one, while it runs is heeded', () => {
  const clock = virtualClock();
  const timeouts = new SharedTimeout(clock, 100);
  const ran: string[] = [];
  timeouts.begin(0, () => {
    ran.push('first');
    timeouts.end(second);
    timeouts.begin(clock.nowMs(), () => ran.push('third'));
  });
  const second = timeouts.begin(0, () => ran.push('second'));
  clock.step();
  expect(ran).toEqual(['first']);
  clock.step();
  expect(ran).toEqual(['first', 'third']);
});

test('however many wait, there is one timer; where nobody waits, none', () => {
  let timers = 0;
  const after: Clock['after'] = () => {
    timers += 1;
    return () => {
      timers -= 1;
    };
  };
  const timeouts = new SharedTimeout({ ...systemClock, after }, 100);
  const waits = Array.from({ length: 10 }, (_, nowMs) => timeouts.begin(nowMs, () => {}));
  expect(timers).toBe(1);
  for (const wait of [...waits, ...waits]) timeouts.end(wait);
  expect(timers).toBe(0);
});
