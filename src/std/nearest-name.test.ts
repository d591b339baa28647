import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

const names = ['port', 'host', 'publicAccess', 'requestBodyBytes'];

test.each([
  ['prot', 'port'],
  ['hots', 'host'],
  ['public_access', 'publicAccess'],
  ['requestbodybytes', 'requestBodyBytes'],
  ['requestBodyByte', 'requestBodyBytes'],
])('%s is taken for %s', (given, meant) => {
  expect(nearestName(given, names)).toBe(meant);
});

test.each(['timeout', 'x', '', 'x'.repeat(100_000)])('nothing is suggested for what is near to nothing (%#)', (given) => {
  expect(nearestName(given, names)).toBeUndefined();
});
