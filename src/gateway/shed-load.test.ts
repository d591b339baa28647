import { expect, test } from 'vitest';
import { shedLoad } from './shed-load.ts';

const rules = { aboveLagMs: 100, fromRequests: 16 };

test('new requests are turned away only while the loop lags by more than the limit, and are told when to come again', () => {
  expect(shedLoad(0, 500, rules)).toBeUndefined();
  expect(shedLoad(100, 500, rules)).toBeUndefined();
  expect(shedLoad(100.1, 500, rules)).toEqual({ code: 'overloaded', retryAfterMs: 5000 });
});

test('a machine that is busy with something else does not turn the few requests away that there are', () => {
  expect(shedLoad(900, 15, rules)).toBeUndefined();
  expect(shedLoad(900, 16, rules)).toMatchObject({ code: 'overloaded' });
});
