import { expect, test } from 'vitest';
import { shedLoad } from './shed-load.ts';

test('new requests are turned away only while the loop lags by more than the limit, and are told when to come again', () => {
  expect(shedLoad(0, 100)).toBeUndefined();
  expect(shedLoad(100, 100)).toBeUndefined();
  expect(shedLoad(100.1, 100)).toEqual({ code: 'overloaded', retryAfterMs: 5000 });
});
