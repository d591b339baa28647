import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planAnswer, planEvent } from './plan-emission.ts';

const times = fc.double({ min: 0, max: 10_000, noNaN: true });
const gaps = fc.double({ min: 0.1, max: 100, noNaN: true });

describe('the plan of an answer', () => {
  test('makes the kth token due at TTFT + (k − 1) · TPOT, however the tokens are grouped into events', () => {
    fc.assert(
      fc.property(times, times, gaps, fc.array(fc.nat(5), { maxLength: 200 }), (startedMs, ttft, tpot, events) => {
        let plan = planAnswer(startedMs, ttft);
        let tokens = 0;
        for (const count of events) {
          plan = planEvent(plan, count, tpot);
          tokens += count;
          expect(plan.tokens).toBe(tokens);
          expect(plan.dueMs).toBeCloseTo(startedMs + ttft + Math.max(0, tokens - 1) * tpot, 6);
        }
      }),
    );
  });

  test('never makes an event due before the one before it, whatever the pace becomes', () => {
    fc.assert(
      fc.property(times, times, fc.array(fc.tuple(fc.nat(5), gaps), { maxLength: 200 }), (startedMs, ttft, events) => {
        let plan = planAnswer(startedMs, ttft);
        for (const [count, tpot] of events) {
          const next = planEvent(plan, count, tpot);
          expect(next.dueMs).toBeGreaterThanOrEqual(plan.dueMs);
          plan = next;
        }
      }),
    );
  });

  test('takes a change of pace from the next token on, without touching what was planned', () => {
    let plan = planEvent(planAnswer(0, 100), 1, 10);
    plan = planEvent(plan, 1, 10);
    expect(plan.dueMs).toBe(110);
    expect(planEvent(plan, 1, 40).dueMs).toBe(150);
  });
});
