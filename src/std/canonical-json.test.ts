import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

test('what a map holds counts, so that a changed budget or rule is noticed', () => {
  const [one, two] = [{ teams: new Map([['red', { usdPerDay: 1 }]]) }, { teams: new Map([['red', { usdPerDay: 2 }]]) }];
  expect(canonicalJson(one)).not.toBe(canonicalJson(two));
  expect(canonicalJson({ teams: new Map() })).not.toBe(canonicalJson(one));
});

test('members stand in the order of their names, and what is undefined does not stand', () => {
  expect(canonicalJson({ b: [undefined, 1], a: { d: undefined, c: 'x' } })).toBe('{"a":{"c":"x"},"b":[null,1]}');
});
