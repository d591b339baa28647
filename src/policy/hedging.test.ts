import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hedgeDelayMs, Hedging } from './hedging.ts';

const enabled = { enabled: true, leastDelayMs: 50 };

test('nothing is hedged unless it is switched on and the endpoint is known', () => {
  expect(hedgeDelayMs({ ...enabled, enabled: false }, 200)).toBeUndefined();
  expect(hedgeDelayMs(enabled, undefined)).toBeUndefined();
  expect(hedgeDelayMs(enabled, 200)).toBe(200);
  expect(hedgeDelayMs(enabled, 10)).toBe(50);
});

test('the delay is the time within which 19 of 20 of the latest answers began', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { maxLength: 400 }), (times) => {
      const hedging = new Hedging({ enabled: true, leastDelayMs: 0 });
      for (const ms of times) hedging.heard('d', 'stream', ms);
      const latest = times.slice(-128);
      const delayMs = hedging.delayMs('d', 'stream');
      if (latest.length < 20) return delayMs === undefined;
      if (delayMs === undefined) return false;
      const within = latest.filter((ms) => ms <= delayMs).length;
      const sooner = latest.filter((ms) => ms < delayMs).length;
      return within >= latest.length * 0.95 && sooner < latest.length * 0.95;
    }),
  );
  expect(new Hedging(enabled).delayMs('unheard', 'stream')).toBeUndefined();
});

test('whole answers, which take longer than a beginning, are not hedged by the times of streams', () => {
  const hedging = new Hedging(enabled);
  for (let n = 0; n < 50; n += 1) hedging.heard('d', 'stream', 80);
  expect(hedging.delayMs('d', 'stream')).toBe(80);
  expect(hedging.delayMs('d', 'whole')).toBeUndefined();
});
