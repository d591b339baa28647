import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replayable } from '../../std/testing/replayable.ts';
import { ByteTape } from './byte-tape.ts';

function readAll(tape: ByteTape, from: number): Buffer {
  const parts: Uint8Array[] = [];
  let position = from;
  while (position < tape.end) {
    const part = tape.read(position);
    parts.push(part);
    position += part.length;
  }
  return Buffer.concat(parts);
}

test('whatever was appended is read from any position, in order, however it was cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40_000), { maxLength: 8 }), fc.nat(100_000), fc.boolean(), (lengths, from, sealed) => {
      const tape = new ByteTape();
      const all = Buffer.from(Array.from({ length: lengths.reduce((sum, length) => sum + length, 0) }, (_, index) => (index * 7919) % 251));
      let at = 0;
      for (const length of lengths) {
        tape.append(all.subarray(at, at + length));
        at += length;
      }
      if (sealed) tape.seal();
      expect(tape.end).toBe(all.length);
      const position = Math.min(from, all.length);
      expect(readAll(tape, position).equals(all.subarray(position))).toBe(true);
      tape.dropBefore(position);
      expect(readAll(tape, position).equals(all.subarray(position))).toBe(true);
    }),
    replayable('src/gateway/idempotency/byte-tape.test.ts', 60),
  );
});

test('what a caller does to its buffer afterwards changes nothing', () => {
  const tape = new ByteTape();
  const bytes = Buffer.from('before');
  tape.append(bytes);
  bytes.write('after!');
  expect(Buffer.from(tape.read(0)).toString()).toBe('before');
});

test('a position that was let go is an error, not other bytes', () => {
  const tape = new ByteTape();
  tape.append(new Uint8Array(40_000));
  tape.dropBefore(20_000);
  expect(() => tape.read(0)).toThrow(/no longer kept/);
});
