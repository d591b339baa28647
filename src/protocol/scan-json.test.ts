import { isUtf8 } from 'node:buffer';
import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonText } from '../../test/support/arbitrary-json.ts';
import { lenientScan, scanJson, strictScan } from './scan-json.ts';
import type { ScanLimits } from './scan-json.ts';

const encoder = new TextEncoder();
const accepts = (text: string, limits: ScanLimits = strictScan): boolean => scanJson(encoder.encode(text), limits).ok;
const suite = new URL('../../test/fixtures/json-test-suite/test_parsing/', import.meta.url);
const suiteFiles = readdirSync(suite);

function parses(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}

describe('JSONTestSuite', () => {
  const named = (prefix: string): string[] => suiteFiles.filter((name) => name.startsWith(prefix));
  test('is here whole', () => {
    expect([named('y_').length, named('n_').length, named('i_').length]).toEqual([95, 188, 35]);
  });
  // Two objects with a duplicate key are grammatical: strict scanning refuses them, lenient scanning does not.
  const duplicates = ['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json'];
  test.each(named('y_'))('%s is accepted', (name) => {
    const bytes = readFileSync(new URL(encodeURIComponent(name), suite));
    expect(scanJson(bytes, lenientScan).ok).toBe(true);
    expect(scanJson(bytes).ok).toBe(!duplicates.includes(name));
  });
  test.each(named('n_'))('%s is refused, with a sentence and an offset inside the text', (name) => {
    const bytes = readFileSync(new URL(encodeURIComponent(name), suite));
    for (const limits of [strictScan, lenientScan]) {
      const scanned = scanJson(bytes, limits);
      if (scanned.ok) throw new Error(`${name} was accepted`);
      expect(scanned.failure.what).toMatch(/^The JSON text is refused at byte \d+: .+\.$/);
      expect(scanned.failure.offset).toBeLessThanOrEqual(bytes.length);
    }
  });
  test.each(named('i_'))('%s is judged by its UTF-8 and depth: huge numbers and lone surrogate escapes pass', (name) => {
    const bytes = readFileSync(new URL(encodeURIComponent(name), suite));
    const expected = /^i_(number_|object_key_lone|string_(1st|incomplete|invalid_(lonely|surrogate)|inverted|lone_second))/.test(name);
    expect(scanJson(bytes).ok).toBe(expected);
    const isOnlyDeep = name === 'i_structure_500_nested_arrays.json';
    expect(scanJson(bytes, lenientScan).ok).toBe(expected || isOnlyDeep);
    expect(parses(bytes)).toBe(expected || isOnlyDeep);
  });
});

describe('duplicate keys', () => {
  test.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"a":2}',
    '{"x":[{"y":{"k":1,"q":2,"k":3}}]}',
    '{"":1,"":2}',
    '{"\\ud83d\\ude00":1,"😀":2}',
    '{"/":1,"\\/":2}',
    `{${Array.from({ length: 40 }, (_, index) => `"k${index}":0`).join(',')},"k3":1}`,
    '{"__proto__":1,"__proto__":2}',
  ])('are found in %s', (text) => {
    expect(accepts(text)).toBe(false);
    expect(accepts(text, lenientScan)).toBe(true);
  });

  test.each([
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '{"\\ud800":1,"\\ud801":2}',
    '{"a":1,"A":2,"\\u0041 ":3}',
    '{"\ufeffa":1,"a":2}',
    '{"\ufeffa":1,"\\u0062":0,"a":2}',
    '{"constructor":1,"hasOwnProperty":2,"__proto__":3}',
  ])('are not seen where there are none: %s', (text) => {
    expect(accepts(text)).toBe(true);
  });

  test('that are let through are reported, earlier ones as shadowed', () => {
    const scanned = scanJson(encoder.encode('{"a":1,"b":2,"a":3}'), lenientScan);
    if (!scanned.ok) throw new Error(scanned.failure.what);
    expect(scanned.value.members.get('a')).toEqual({ keyStart: 13, valueStart: 17, valueEnd: 18 });
    expect(scanned.value.shadowed).toEqual([{ name: 'a', keyStart: 1, valueStart: 5, valueEnd: 6 }]);
  });
});

describe('limits', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  test('64 levels pass and 65 do not', () => {
    expect(accepts(nested(64))).toBe(true);
    expect(accepts(nested(65))).toBe(false);
    expect(accepts(`${'{"a":'.repeat(64)}1${'}'.repeat(64)}`)).toBe(true);
    expect(accepts(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)).toBe(false);
  });
  test('100,000 tokens pass and one more does not', () => {
    expect(accepts(`[${'1,'.repeat(99_998)}1]`)).toBe(true);
    expect(accepts(`[${'1,'.repeat(99_999)}1]`)).toBe(false);
    expect(accepts(`{${Array.from({ length: 50_000 }, (_, index) => `"${index}":1`).join(',')}}`)).toBe(false);
  });
});

test('a byte order mark is refused', () => {
  expect(scanJson(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]))).toEqual({
    ok: false,
    failure: { what: 'The JSON text is refused at byte 0: a value was expected.', offset: 0 },
  });
});

test('four bytes in a string are accepted exactly where they are UTF-8, for all edges of its ranges', () => {
  const edges = [
    0x20, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
  ];
  const wrong: string[] = [];
  for (const a of edges)
    for (const b of edges)
      for (const c of edges)
        for (const d of edges) {
          const bytes = Uint8Array.of(0x22, a, b, c, d, 0x22);
          if (scanJson(bytes).ok !== isUtf8(bytes)) wrong.push([a, b, c, d].map((byte) => byte.toString(16)).join(' '));
        }
  expect(wrong).toEqual([]);
});

test('spans cut out exactly the keys and values of the top level', () => {
  const text = ' { "model" : "x" ,"n":[1,{"model":2}], "é\\n":1e400 } ';
  const bytes = encoder.encode(text);
  const scanned = scanJson(bytes);
  if (!scanned.ok) throw new Error(scanned.failure.what);
  const cut = (from: number, to: number): string => new TextDecoder().decode(bytes.subarray(from, to));
  const members = Array.from(scanned.value.members, ([name, span]) => [
    name,
    cut(span.keyStart, span.valueStart),
    cut(span.valueStart, span.valueEnd),
  ]);
  expect(scanned.value.kind).toBe('object');
  expect(members).toEqual([
    ['model', '"model" : ', '"x"'],
    ['n', '"n":', '[1,{"model":2}]'],
    ['é\n', '"é\\n":', '1e400'],
  ]);
});

test('a byte order mark inside a key is a part of its name', () => {
  const scanned = scanJson(encoder.encode('{"\ufeffmodel":1}'));
  expect(scanned.ok && [...scanned.value.members.keys()]).toEqual(['\ufeffmodel']);
});

test('arrays and scalars have no members', () => {
  expect(scanJson(encoder.encode('[{"a":1}]'))).toMatchObject({ ok: true, value: { kind: 'array', members: new Map() } });
  expect(scanJson(encoder.encode('"a"'))).toMatchObject({ ok: true, value: { kind: 'scalar', members: new Map() } });
});

test('fuzz: whatever JSON.stringify or a freer hand writes is accepted, and the members are those of JSON.parse', () => {
  fc.assert(
    fc.property(jsonText(), ({ text, value }) => {
      const scanned = scanJson(encoder.encode(text));
      if (!scanned.ok) throw new Error(scanned.failure.what);
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      expect([...scanned.value.members.keys()].toSorted()).toEqual(isObject ? Object.keys(value).toSorted() : []);
      for (const [name, span] of scanned.value.members) {
        const part: unknown = JSON.parse(new TextDecoder().decode(encoder.encode(text).subarray(span.valueStart, span.valueEnd)));
        expect(part).toEqual(Object.getOwnPropertyDescriptor(value, name)?.value);
      }
    }),
    { numRuns: 500 },
  );
});

test('fuzz: after any damage to a text, the lenient scan accepts exactly what JSON.parse accepts', () => {
  const damage = fc.array(
    fc.record({ at: fc.nat(), byte: fc.oneof(fc.constantFrom(...encoder.encode('{}[]",:\\u0e-+.tfn 1')), fc.nat(255)), remove: fc.boolean() }),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(jsonText(), damage, ({ text }, hits) => {
      const bytes = [...encoder.encode(text)];
      for (const { at, byte, remove } of hits) bytes.splice(at % (bytes.length + 1), remove ? 1 : 0, ...(remove ? [] : [byte]));
      const damaged = Uint8Array.from(bytes);
      expect(scanJson(damaged, lenientScan).ok).toBe(parses(damaged));
    }),
    { numRuns: 3000 },
  );
});

test('fuzz: arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(scanJson(bytes, lenientScan).ok).toBe(parses(bytes));
    }),
    { numRuns: 2000 },
  );
});
