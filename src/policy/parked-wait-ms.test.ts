import { expect, test } from 'vitest';
import { parkedWaitMs } from './parked-wait-ms.ts';

const request = { waitedMs: 0, mostMs: 2000, remainingMs: 60_000 };

test('a short time is waited out, a long one is not, and never more than the request has left', () => {
  expect(parkedWaitMs(500.2, request)).toBe(502);
  expect(parkedWaitMs(1999, request)).toBe(2000);
  expect(parkedWaitMs(2000, request)).toBeUndefined();
  expect(parkedWaitMs(500, { ...request, waitedMs: 1600 })).toBeUndefined();
  expect(parkedWaitMs(500, { ...request, remainingMs: 400 })).toBeUndefined();
  expect(parkedWaitMs(0, { ...request, mostMs: 0 })).toBeUndefined();
});
