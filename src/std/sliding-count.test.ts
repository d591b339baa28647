import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlidingCount, type Counted } from './sliding-count.ts';

const windowMs = 60_000;
const slotMs = windowMs / 240;

type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'add'; readonly amount: number }
  | { readonly kind: 'correct'; readonly which: number; readonly amount: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 90_000 })) }),
  fc.record({ kind: fc.constant('add' as const), amount: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ kind: fc.constant('correct' as const), which: fc.nat(), amount: fc.integer({ min: 0, max: 100 }) }),
);

test('it counts all of the window, nothing older than the window and a slot, and says truly when room comes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.array(step, { maxLength: 60 }), (startMs, steps) => {
      const count = new SlidingCount(windowMs);
      const model: { readonly atMs: number; readonly counted: Counted; amount: number }[] = [];
      let nowMs = startMs;
      const within = (ms: number): number => model.reduce((sum, { atMs, amount }) => (atMs > nowMs - ms ? sum + amount : sum), 0);
      for (const one of steps) {
        if (one.kind === 'wait') nowMs += one.ms;
        if (one.kind === 'add') model.push({ atMs: nowMs, counted: count.add(one.amount, nowMs), amount: one.amount });
        if (one.kind === 'correct') {
          const past = model[one.which % Math.max(1, model.length)];
          if (past !== undefined) {
            count.correct(past.counted, one.amount, nowMs);
            past.amount = one.amount;
          }
        }
        const total = count.total(nowMs);
        expect(total).toBeGreaterThanOrEqual(within(windowMs));
        expect(total).toBeLessThanOrEqual(within(windowMs + slotMs));
        const half = Math.floor(total / 2);
        const releaseInMs = count.releaseInMs(half, nowMs);
        expect(releaseInMs > 0).toBe(total > half);
        expect(releaseInMs).toBeLessThanOrEqual(windowMs + slotMs);
        expect(count.emptyInMs(nowMs)).toBe(count.releaseInMs(0, nowMs));
        const later = withinLater(model, nowMs + releaseInMs);
        expect(later).toBeLessThanOrEqual(half);
      }
    }),
    { numRuns: 500 },
  );
});

/** What of it lies within the window at a later time. */
function withinLater(model: readonly { readonly atMs: number; readonly amount: number }[], laterMs: number): number {
  return model.reduce((sum, { atMs, amount }) => (atMs > laterMs - windowMs ? sum + amount : sum), 0);
}
