import fc from 'fast-check';
import { expect, test } from 'vitest';
import { incompleteTail, tokenBytes } from './token-bytes.ts';

test('each byte has one character in the byte-level alphabet', () => {
  expect([...tokenBytes('Ġhello', 'byte-level')]).toEqual([...new TextEncoder().encode(' hello')]);
  expect([...tokenBytes('Ċ', 'byte-level')]).toEqual([10]);
  expect([...tokenBytes('ä¸Ń', 'byte-level')]).toEqual([...new TextEncoder().encode('中')]);
});

test('a sentencepiece token is a byte, or text with ▁ for spaces', () => {
  expect([...tokenBytes('<0xE4>', 'sentencepiece')]).toEqual([0xe4]);
  expect(new TextDecoder().decode(tokenBytes('▁the▁', 'sentencepiece'))).toBe(' the ');
});

test('an added token outside the alphabet is written as itself', () => {
  expect(new TextDecoder().decode(tokenBytes('<工具>', 'byte-level'))).toBe('<工具>');
});

test('the incomplete tail is what a streaming decoder would keep to itself', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.string({ unit: 'grapheme' }).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(bytes, fc.nat(12), (whole, cut) => {
      const part = whole.subarray(0, Math.min(cut, whole.length));
      const tail = incompleteTail(part);
      const streamed = new TextDecoder('utf-8', { ignoreBOM: true }).decode(part, { stream: true });
      const settled = new TextDecoder('utf-8', { ignoreBOM: true }).decode(part.subarray(0, part.length - tail));
      expect(settled).toBe(streamed);
    }),
    { numRuns: 2000 },
  );
});
