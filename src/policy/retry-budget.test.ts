import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RetryBudget } from './retry-budget.ts';

const rules = { ratio: 0.2, floorPerSecond: 1, windowSeconds: 5 };

test('in a full outage the tries stay within 1.2 times the requests and the floor', () => {
  const budget = new RetryBudget(rules);
  let retries = 0;
  for (let n = 0; n < 1000; n += 1) {
    budget.request(n);
    if (budget.take(n)) retries += 1;
    if (budget.take(n)) retries += 1;
  }
  expect(retries).toBe(1000 * 0.2 + 5);
});

test('what was spent comes back when the window has passed', () => {
  const budget = new RetryBudget(rules);
  for (let n = 0; n < 5; n += 1) expect(budget.take(100)).toBe(true);
  expect(budget.take(4900)).toBe(false);
  expect(budget.take(5100)).toBe(true);
});

test('over any history a try is given exactly where the window has room for it', () => {
  const anyEvent = fc.record({ waitMs: fc.nat(1500), retry: fc.boolean() });
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 200 }), (events) => {
      const budget = new RetryBudget(rules);
      const log: { second: number; kind: 'request' | 'retry' }[] = [];
      let nowMs = 0;
      for (const { waitMs, retry } of events) {
        nowMs += waitMs;
        const second = Math.floor(nowMs / 1000);
        const recent = log.filter((entry) => entry.second > second - rules.windowSeconds);
        const count = (kind: 'request' | 'retry'): number => recent.filter((entry) => entry.kind === kind).length;
        const hasRoom = count('retry') + 1 <= count('request') * rules.ratio + rules.floorPerSecond * rules.windowSeconds;
        if (!retry) budget.request(nowMs);
        else expect(budget.take(nowMs)).toBe(hasRoom);
        if (!retry || hasRoom) log.push({ second, kind: retry ? 'retry' : 'request' });
      }
    }),
  );
});
