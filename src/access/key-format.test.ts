import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from './crc32.ts';
import { displayedKey, idFrom, readKey, secretFrom, writeKey } from './key-format.ts';

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const parts = fc.record({
  environment: fc.stringMatching(/^[a-z0-9]{1,12}$/),
  id: bytes(6).map((random) => idFrom(random)),
  secret: bytes(32).map((random) => secretFrom(random)),
});

test('the checksum is CRC-32 as gzip has it', () => {
  // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
  expect(crc32('123456789')).toBe(0xcbf43926);
});

test('a key that is written is read, and with one character changed, added or left out it is none', () => {
  fc.assert(
    fc.property(parts, fc.nat(), fc.stringMatching(/^[0-9A-Za-z_]$/), (given, where, character) => {
      const text = writeKey(given);
      expect(readKey(text)).toEqual(given);
      const at = where % text.length;
      expect(readKey(text.slice(0, at) + text.slice(at + 1))).toBeUndefined();
      expect(readKey(text.slice(0, at) + character + text.slice(at))).toBeUndefined();
      if (text[at] !== character) expect(readKey(text.slice(0, at) + character + text.slice(at + 1))).toBeUndefined();
    }),
  );
});

test('different random bytes are different secrets, the smallest and the largest included', () => {
  expect(secretFrom(new Uint8Array(32))).toBe('0'.repeat(43));
  expect(secretFrom(new Uint8Array(32).fill(255))).toMatch(/^[0-9A-Za-z]{43}$/);
  fc.assert(fc.property(bytes(32), bytes(32), (a, b) => (secretFrom(a) === secretFrom(b)) === a.every((byte, at) => byte === b[at])));
});

test('a key is shown by its id and its last four characters', () => {
  expect(displayedKey({ environment: 'live', id: 'abcdefgh' }, 'wxyz')).toBe('ss_live_abcdefgh_…wxyz');
});
