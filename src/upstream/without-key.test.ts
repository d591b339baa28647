import { expect, test } from 'vitest';
import { withoutKey } from './without-key.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';

const key = 'Upst7Key7Zq9Wm3';
const failure = (detail: string, param = 'top_k'): AttemptFailure => ({
  class: 'client-fault',
  fault: { code: 'invalid_request', detail, param },
  what: `status 400 (${detail})`,
  health: { kind: 'none' },
});

test('S5: a key that an endpoint quotes is taken out of every field, also where its end was cut off', () => {
  expect(withoutKey(failure(`key ${key} is wrong`, key), key)).toEqual({ ...failure('key [key] is wrong', '[key]') });
  for (let length = 4; length <= key.length; length += 1)
    expect(withoutKey(failure(`is ${key.slice(0, length)}`), key).fault.detail).toBe('is [key]');
});

test('what holds no key stays as it was', () => {
  expect(withoutKey(failure('top_k is out of range'), key)).toEqual(failure('top_k is out of range'));
  expect(withoutKey(failure('a'), 'a')).toEqual(failure('a'));
  expect(withoutKey(failure('a'), undefined)).toEqual(failure('a'));
});
