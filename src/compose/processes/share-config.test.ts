import { expect, test } from 'vitest';
import fc from 'fast-check';
import { loadConfig } from '../../config/load-config.ts';
import { shareConfig, shareOf } from './share-config.ts';

test('the shares of a whole differ by one at most and add up to it', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 64 }), (whole, count) => {
      const shares = Array.from({ length: count }, (_, index) => shareOf(whole, index, count));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(whole);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }),
  );
});

const file = (processes: number, requestsPerMinute: number): string =>
  JSON.stringify({
    processes,
    limits: { concurrentRequests: 5 },
    endpoints: [
      {
        id: 'a',
        url: 'https://api.example.com',
        keys: [
          { name: 'one', key: 'env:KEY', requestsPerMinute, tokensPerMinute: 1001 },
          { name: 'two', key: 'env:OTHER' },
        ],
        models: [{ name: 'm' }],
      },
    ],
  });

test('two processes together keep to the limits of requests and of keys; what has no limit gets none', () => {
  const loaded = loadConfig('f.yaml', { KEY: 'k', OTHER: 'o' }, () => file(2, 7));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.failure));
  const [first, second] = [shareConfig(loaded.value, 0, 2), shareConfig(loaded.value, 1, 2)];
  expect([first.limits.concurrentRequests, second.limits.concurrentRequests]).toEqual([3, 2]);
  expect([first, second].map(({ endpoints }) => endpoints[0]?.keys[0]?.requestsPerMinute)).toEqual([4, 3]);
  expect([first, second].map(({ endpoints }) => endpoints[0]?.keys[0]?.tokensPerMinute)).toEqual([501, 500]);
  expect(first.endpoints[0]?.keys[1]).toMatchObject({ name: 'two', key: 'o', requestsPerMinute: undefined });
  expect(first.idempotency.maxBytes + second.idempotency.maxBytes).toBe(loaded.value.idempotency.maxBytes);
});

test('a limit of a key that cannot be divided is said before anything starts', () => {
  const loaded = loadConfig('f.yaml', { KEY: 'k', OTHER: 'o' }, () => file(4, 3));
  expect(loaded.ok ? [] : loaded.failure.map(({ what }) => what)).toEqual(['cannot be divided among 4 processes']);
});
