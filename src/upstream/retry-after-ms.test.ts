import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after-ms.ts';

const date = 'Tue, 24 Nov 2026 00:00:00 GMT';

test.each<[Readonly<Record<string, string>>, number | undefined]>([
  [{}, undefined],
  [{ 'retry-after': '7' }, 7000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': '86400' }, 300_000],
  [{ 'retry-after': '-1' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': 'Tue, 24 Nov 2026 00:00:09 GMT', date }, 9000],
  [{ 'retry-after': 'Mon, 23 Nov 2026 00:00:00 GMT', date }, 0],
  [{ 'retry-after': 'Tue, 24 Nov 2026 00:00:09 GMT' }, undefined],
  [{ 'retry-after-ms': '120', 'retry-after': '7' }, 120],
  [{ 'x-ratelimit-reset-requests': '6m0s' }, 300_000],
  [{ 'x-ratelimit-reset-requests': '1m2.5s' }, 62_500],
  [{ 'x-ratelimit-reset-tokens': '120ms' }, 120],
  [{ 'x-ratelimit-reset-tokens': '33.01' }, 33_010],
  [{ 'x-ratelimit-reset': '1795478405', date }, 5000],
  [{ 'x-ratelimit-reset': '1795478405000', date }, 5000],
  [{ 'x-ratelimit-reset-tokens': '1s', 'x-ratelimit-reset-requests': '9s' }, 1000],
  [{ 'x-ratelimit-reset-tokens': '1s', 'x-ratelimit-reset-requests': '9s', 'x-ratelimit-remaining-requests': '0' }, 9000],
  [{ 'x-ratelimit-reset-tokens': '9x' }, undefined],
])('%j asks for %s ms', (headers, ms) => {
  expect(retryAfterMs(headers)).toBe(ms);
});
