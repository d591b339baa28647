import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, newBytes } from './byte-slab.ts';
import { replayable } from './testing/replayable.ts';

const encoder = new TextEncoder();

test('whatever is made in whatever order, no array is another’s, and texts are spelled as the platform spells them', () => {
  const made = fc.oneof(fc.nat(9000), fc.string({ unit: 'binary', maxLength: 3000 }));
  fc.assert(
    fc.property(fc.array(made, { maxLength: 40 }), (asked) => {
      const kept = asked.map((one) => {
        if (typeof one === 'string') return { bytes: bytesOf(one), expected: encoder.encode(one) };
        const bytes = newBytes(one);
        expect(bytes.every((byte) => byte === 0)).toBe(true);
        bytes.fill(one % 251);
        return { bytes, expected: new Uint8Array(one).fill(one % 251) };
      });
      for (const { bytes, expected } of kept) expect(Buffer.compare(bytes, expected)).toBe(0);
    }),
    replayable('src/std/byte-slab.test.ts', 200),
  );
});
