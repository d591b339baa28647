import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AdaptiveThrottle, defaultThrottleRules } from './adaptive-throttle.ts';
import { seededRandom } from '../std/random.ts';

/** Requests at a steady pace, each ended at once; returns how many were admitted. */
function run(throttle: AdaptiveThrottle, fromMs: number, requests: number, everyMs: number, works: (n: number) => boolean): number {
  let admitted = 0;
  for (let n = 0; n < requests; n += 1) {
    const nowMs = fromMs + n * everyMs;
    if (!throttle.admits('m', nowMs)) continue;
    admitted += 1;
    throttle.ended('m', works(n) ? 'accepted' : 'refused', nowMs);
  }
  return admitted;
}

test('while half of the tries succeed nobody is turned away', () => {
  expect(run(new AdaptiveThrottle(defaultThrottleRules, seededRandom(1)), 0, 10_000, 5, (n) => n % 2 === 0)).toBe(10_000);
});

test('in an outage only a little more than the floor gets through, and a window after it everything does', () => {
  const throttle = new AdaptiveThrottle(defaultThrottleRules, seededRandom(1));
  const admitted = run(throttle, 0, 10_000, 10, () => false);
  // 100 seconds at 3 a second, and what the probability lets through besides.
  expect(admitted).toBeGreaterThanOrEqual(300);
  expect(admitted).toBeLessThan(600);
  run(throttle, 100_000, 2000, 10, () => true);
  expect(run(throttle, 120_000, 1000, 10, () => true)).toBe(1000);
});

test('one model in an outage takes nothing from another', () => {
  const throttle = new AdaptiveThrottle(defaultThrottleRules, seededRandom(1));
  run(throttle, 0, 1000, 1, () => false);
  for (let n = 0; n < 100; n += 1) expect(throttle.admits('other', 1000)).toBe(true);
});

test('over any history a request below the floor passes, and so does any while successes are half of the tries', () => {
  const anyEvent = fc.record({ waitMs: fc.nat(800), ends: fc.constantFrom('accepted', 'refused', undefined) });
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 300 }), fc.nat(), (events, seed) => {
      const rules = { triesPerSuccess: 2, floorPerSecond: 1, windowSeconds: 5 };
      const throttle = new AdaptiveThrottle(rules, seededRandom(seed));
      const log: { second: number; what: 'admitted' | 'accepted' | 'refused' }[] = [];
      let nowMs = 0;
      for (const { waitMs, ends } of events) {
        nowMs += waitMs;
        const second = Math.floor(nowMs / 1000);
        const count = (what: string): number => log.filter((entry) => entry.what === what && entry.second > second - rules.windowSeconds).length;
        const mustPass = count('admitted') < 5 || count('accepted') >= count('refused');
        const admitted = throttle.admits('m', nowMs);
        if (mustPass) expect(admitted).toBe(true);
        if (!admitted) continue;
        log.push({ second, what: 'admitted' });
        if (ends === undefined) continue;
        throttle.ended('m', ends, nowMs);
        log.push({ second, what: ends });
      }
    }),
  );
});
