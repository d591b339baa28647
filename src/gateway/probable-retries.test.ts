import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replayable } from '../std/testing/replayable.ts';
import { ProbableRetries, readRetryCount } from './probable-retries.ts';

const rules = { windowMs: 1000, maxEntries: 4 };

test('a request is a probable retry where it says that it comes again and the same one came a moment ago', () => {
  const retries = new ProbableRetries(rules);
  expect(retries.see('a', 0, 0)).toBe(false);
  expect(retries.see('a', 0, 10)).toBe(false);
  expect(retries.see('a', 1, 20)).toBe(true);
  expect(retries.see('b', 1, 30)).toBe(false);
  expect(retries.see('a', 2, 1020)).toBe(false);
  expect(retries.count).toBe(1);
});

test('over any history it says what a plain list of what came would say', () => {
  const seen = fc.record({ waitMs: fc.nat(400), fingerprint: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), retryCount: fc.nat(2) });
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 100 }), (events) => {
      const retries = new ProbableRetries(rules);
      let list: { fingerprint: string; atMs: number }[] = [];
      let nowMs = 0;
      let count = 0;
      for (const { waitMs, fingerprint, retryCount } of events) {
        nowMs += waitMs;
        list = list.filter(({ atMs }) => atMs + rules.windowMs > nowMs).slice(-(rules.maxEntries - 1));
        const expected = retryCount >= 1 && list.some((entry) => entry.fingerprint === fingerprint);
        if (expected) count += 1;
        list = [...list.filter((entry) => entry.fingerprint !== fingerprint), { fingerprint, atMs: nowMs }];
        expect(retries.see(fingerprint, retryCount, nowMs)).toBe(expected);
      }
      expect(retries.count).toBe(count);
    }),
    replayable('src/gateway/probable-retries.test.ts', 200),
  );
});

test('only a small number is a count', () => {
  expect([undefined, '', '1x', '-1', '1234', ['1', '2'], '0', '2'].map(readRetryCount)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    0,
    2,
  ]);
});
