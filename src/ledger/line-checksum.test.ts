import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { replayable } from '../std/testing/replayable.ts';
import { checksumOf, emptyRegister, lineEnd, registerAfter, registerAfterEnd } from './line-checksum.ts';

const runs = replayable('src/ledger/line-checksum.test.ts', 500);
const bytes = fc.uint8Array({ maxLength: 300 });

it("a checksum is zlib's, wherever the bytes stand in their memory", () => {
  fc.assert(
    fc.property(bytes, bytes, (before, own) => {
      const memory = Buffer.concat([before, own, before]);
      const register = registerAfter(emptyRegister, memory, before.length, before.length + own.length);
      expect(checksumOf(register)).toBe(crc32(own));
    }),
    runs,
  );
});

it('an end that is remembered leaves what its bytes leave', () => {
  fc.assert(
    fc.property(bytes, bytes, (before, end) => {
      const register = registerAfterEnd(registerAfter(emptyRegister, before, 0, before.length), lineEnd(end));
      expect(checksumOf(register)).toBe(crc32(Buffer.concat([before, end])));
    }),
    runs,
  );
});
