import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenRelease, type Release } from './token-release.ts';

const decode = (bytes: readonly number[]): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
const encode = (text: string): number[] => [...new TextEncoder().encode(text)];

/** Cuts bytes into tokens at any places, also inside characters. */
function tokensOf(bytes: readonly number[], sizes: readonly number[]): number[][] {
  const tokens: number[][] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = Math.max(1, (sizes[index % sizes.length] ?? 1) % 5);
    tokens.push(bytes.slice(at, at + size));
    at += size;
  }
  return tokens;
}

function run(tokens: readonly (readonly number[])[], stops: readonly string[], from = 0): Release[] {
  const release = new TokenRelease(stops);
  const releases: Release[] = [];
  for (const [id, bytes] of tokens.entries()) {
    if (id < from) continue;
    const released = release.push({ id, bytes: Uint8Array.from(bytes) });
    releases.push(released);
    if (released.matched !== undefined) return releases;
  }
  releases.push(release.flush());
  return releases;
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ab', 'é', '中', '🚀', '\n', '#') });
const bytes = fc.oneof(text.map(encode), fc.array(fc.nat(255), { maxLength: 30 }));
const sizes = fc.array(fc.nat(4), { minLength: 1, maxLength: 6 });
const stops = fc.array(fc.constantFrom('ab', 'aab', '\n\n', '中b', '🚀', '##', 'b#a'), { maxLength: 4 });

test('each release is exactly the decoding of exactly its tokens', () => {
  fc.assert(
    fc.property(bytes, sizes, stops, (whole, cuts, stopList) => {
      const tokens = tokensOf(whole, cuts);
      const whatEach = run(tokens, stopList).filter(({ matched }) => matched === undefined);
      expect(whatEach.map((release) => release.text)).toEqual(whatEach.map((release) => decode(release.tokens.flatMap((token) => [...token.bytes]))));
    }),
    { numRuns: 1000 },
  );
});

test('without a stop string, all tokens come out in order and the text is the decoding of the whole', () => {
  fc.assert(
    fc.property(bytes, sizes, (whole, cuts) => {
      const releases = run(tokensOf(whole, cuts), []);
      expect(releases.map((release) => release.text).join('')).toBe(decode(whole));
      const ids = releases.flatMap((release) => release.tokens.map(({ id }) => id));
      expect(ids).toEqual(ids.map((_, index) => index));
    }),
  );
});

test('the text ends before the first stop string, however tokens cut it', () => {
  fc.assert(
    fc.property(text, sizes, stops, (whole, cuts, stopList) => {
      const releases = run(tokensOf(encode(whole), cuts), stopList);
      const places = stopList.map((stop) => whole.indexOf(stop)).filter((at) => at >= 0);
      const released = releases.map((release) => release.text).join('');
      const matched = releases.at(-1)?.matched;
      expect(matched !== undefined).toBe(places.length > 0);
      // A stop string that begins later may be complete before a longer one that begins earlier.
      expect(whole.startsWith(released)).toBe(true);
      expect(whole.slice(released.length).startsWith(matched ?? '')).toBe(true);
      expect(stopList.some((stop) => released.includes(stop))).toBe(false);
      expect(matched !== undefined || released === whole).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('a continuation from any release on gives the rest of the text', () => {
  fc.assert(
    fc.property(bytes, sizes, stops, (whole, cuts, stopList) => {
      const tokens = tokensOf(whole, cuts);
      const releases = run(tokens, stopList);
      const full = releases.map((release) => release.text).join('');
      let given = 0;
      let before = '';
      for (const release of releases.slice(0, -1)) {
        given += release.tokens.length;
        before += release.text;
        expect(
          before +
            run(tokens, stopList, given)
              .map((rest) => rest.text)
              .join(''),
        ).toBe(full);
      }
    }),
    { numRuns: 1000 },
  );
});

test('text after a match in the same token is kept as the rest', () => {
  const releases = run([encode('say <tool'), encode('_call>{"na')], ['<tool_call>']);
  expect(releases.at(-1)).toMatchObject({ text: 'say ', matched: '<tool_call>', rest: '{"na' });
});
