import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawSeed, keyedDraw } from './keyed-draw.ts';

const seed = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
const position = fc.nat(1_000_000);

test('a draw is an unsigned 32-bit number, and never the one that means "random" to llama.cpp', () => {
  fc.assert(
    fc.property(seed, position, (s, p) => {
      const draw = keyedDraw(s, p);
      expect(Number.isInteger(draw) && draw >= 0 && draw < 0xffff_ffff).toBe(true);
      expect(keyedDraw(s, p)).toBe(draw);
    }),
  );
});

test('the upper half of a seed matters, and so does its sign', () => {
  expect(keyedDraw(1, 0)).not.toBe(keyedDraw(1 + 2 ** 32, 0));
  expect(keyedDraw(-1, 0)).not.toBe(keyedDraw(1, 0));
});

test('neighbouring positions and seeds differ in about half of their bits', () => {
  let bits = 0;
  const n = 4000;
  for (let index = 0; index < n; index++) {
    let difference = keyedDraw(7, index) ^ keyedDraw(7, index + 1);
    for (; difference !== 0; difference &= difference - 1) bits += 1;
    difference = keyedDraw(index, 50) ^ keyedDraw(index + 1, 50);
    for (; difference !== 0; difference &= difference - 1) bits += 1;
  }
  expect(bits / (2 * n)).toBeGreaterThan(15.5);
  expect(bits / (2 * n)).toBeLessThan(16.5);
});

test('draws are even over sixteen bins', () => {
  const bins = Array.from({ length: 16 }, () => 0);
  for (let index = 0; index < 16_000; index++) {
    const bin = keyedDraw(42, index) >>> 28;
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  for (const count of bins) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test('a drawn seed survives JSON', () => {
  for (const random of [() => 0, () => 0.5, () => 1 - 2 ** -53]) {
    const drawn = drawSeed(random);
    expect(Number.isSafeInteger(drawn)).toBe(true);
    expect(JSON.parse(JSON.stringify(drawn))).toBe(drawn);
  }
});
