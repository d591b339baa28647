import { expect, test } from 'vitest';
import { base32, totpCode, totpStep } from './totp.ts';

const secret = Buffer.from('12345678901234567890');

test.each([
  // RFC 6238 appendix B, the rows of SHA-1: seconds since 1970 and the code of eight digits.
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
])('at %d s the code is that of RFC 6238', (seconds, code) => {
  expect(totpCode(secret, Math.floor(seconds / 30), 8)).toBe(code);
  expect(totpStep(secret, code.slice(2), seconds * 1000, -1)).toBe(Math.floor(seconds / 30));
});

test('a code counts in its own step and the two beside it, once, and never when it is written otherwise', () => {
  const nowMs = 1_234_567_890_000;
  const step = Math.floor(nowMs / 30_000);
  for (const ahead of [-1, 0, 1]) expect(totpStep(secret, totpCode(secret, step + ahead), nowMs, -1)).toBe(step + ahead);
  for (const ahead of [-2, 2]) expect(totpStep(secret, totpCode(secret, step + ahead), nowMs, -1)).toBeUndefined();
  expect(totpStep(secret, totpCode(secret, step), nowMs, step)).toBeUndefined();
  for (const odd of ['', '12345', '1234567', 'abcdef', `${totpCode(secret, step)} `]) expect(totpStep(secret, odd, nowMs, -1)).toBeUndefined();
});

test.each([
  // RFC 4648 section 10, without padding.
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('base32 of %j is that of RFC 4648', (text, encoded) => {
  expect(base32(Buffer.from(text))).toBe(encoded);
});
