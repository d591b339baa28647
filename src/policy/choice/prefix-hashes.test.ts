import { expect, test } from 'vitest';
import { hashed, hashedText, prefixHashes } from './prefix-hashes.ts';

const encoder = new TextEncoder();

function hashesOf(messages: readonly object[], seed = 0): readonly number[] {
  const bytes = encoder.encode(JSON.stringify(messages));
  return [...prefixHashes(bytes, 0, bytes.length, seed)];
}

const said = (role: string, characters: number): object => ({ role, content: `${role} says ${'something '.repeat(characters / 10)}` });
const first = [said('system', 800), said('user', 400)];

test('the next turn of a conversation begins with the same hashes, and has more', () => {
  const before = hashesOf(first);
  const after = hashesOf([...first, said('assistant', 600), said('user', 100)]);
  expect(before.length).toBeGreaterThanOrEqual(6);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.length).toBeGreaterThan(before.length);
});

test('one byte that differs changes its block and all after it, and none before', () => {
  const bytes = encoder.encode('a'.repeat(2000));
  const other = bytes.slice();
  other[700] = 0x62;
  const [one, two] = [prefixHashes(bytes, 0, 2000, 0), prefixHashes(other, 0, 2000, 0)];
  expect([...one.subarray(0, 3)]).toEqual([...two.subarray(0, 3)]);
  for (let block = 3; block < one.length; block += 1) expect(one[block]).not.toBe(two[block]);
});

test('bytes that change places within a word are told apart', () => {
  expect(hashed(encoder.encode('abcd'), 0, 4)).not.toBe(hashed(encoder.encode('abdc'), 0, 4));
  expect(hashed(encoder.encode('abcde'), 0, 5)).not.toBe(hashed(encoder.encode('abcdf'), 0, 5));
});

test('prompts of other tenants have nothing in common', () => {
  const [red, blue] = [hashesOf(first, hashedText('red')), hashesOf(first, hashedText('blue'))];
  expect(red.filter((hash, block) => hash === blue[block])).toEqual([]);
});

test('a prompt shorter than a block has none, and a very long one has 128', () => {
  expect(prefixHashes(new Uint8Array(191), 0, 191, 0).length).toBe(0);
  expect(prefixHashes(new Uint8Array(1_000_000), 0, 1_000_000, 0).length).toBe(128);
});

test('among 200,000 different blocks hardly any two have one hash', () => {
  const seen = new Set<number>();
  const bytes = new Uint8Array(192);
  for (let n = 0; n < 200_000; n += 1) {
    new DataView(bytes.buffer).setUint32((n % 48) * 4, n);
    seen.add(hashed(bytes, 0, 192));
  }
  // Of 32 bits, some five are expected to meet by chance.
  expect(seen.size).toBeGreaterThan(199_950);
});
