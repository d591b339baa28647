import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonObjectText } from '../../test/support/arbitrary-json.ts';
import { lenientScan, scanJson } from './scan-json.ts';
import { spliceMembers } from './splice-json.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function splice(text: string, edits: Iterable<readonly [string, string | undefined]>): string {
  const bytes = encoder.encode(text);
  const scanned = scanJson(bytes, lenientScan);
  if (!scanned.ok) throw new Error(scanned.failure.what);
  return decoder.decode(spliceMembers(bytes, scanned.value, new Map(edits)));
}

describe('bytes that are not named stay as they came', () => {
  const odd = '{ "seed" : 12345678901234567890 , "x":1e400,"y": 1.0,\t"s":"\\u0041\\ud800\\/" ,"model":"a" }\n';
  test.each([
    [[['model', '"b"']], '{ "seed" : 12345678901234567890 , "x":1e400,"y": 1.0,\t"s":"\\u0041\\ud800\\/" ,"model":"b" }\n'],
    [[['seed', undefined]], '{ "x":1e400,"y": 1.0,\t"s":"\\u0041\\ud800\\/" ,"model":"a" }\n'.replace('{ ', '{ ')],
    [[['model', undefined]], '{ "seed" : 12345678901234567890 , "x":1e400,"y": 1.0,\t"s":"\\u0041\\ud800\\/" }\n'],
    [[['n', '2']], '{ "seed" : 12345678901234567890 , "x":1e400,"y": 1.0,\t"s":"\\u0041\\ud800\\/" ,"model":"a","n":2 }\n'],
    [[['missing', undefined]], odd],
  ] as const)('%j', (edits, expected) => {
    expect(splice(odd, edits)).toBe(expected);
  });
});

test.each([
  ['{}', [['a', '1']], '{"a":1}'],
  [
    ' { } ',
    [
      ['a', '1'],
      ['b', '[]'],
    ],
    ' {"a":1,"b":[] } ',
  ],
  ['{"a":1}', [['a', undefined]], '{}'],
  [
    '{"a":1,"b":2}',
    [
      ['a', undefined],
      ['b', undefined],
    ],
    '{}',
  ],
  [
    '{"a":1,"b":2,"c":3}',
    [
      ['a', undefined],
      ['b', undefined],
      ['d', '4'],
    ],
    '{"c":3,"d":4}',
  ],
  [
    '{"a":1,"b":2}',
    [
      ['a', undefined],
      ['b', undefined],
      ['c"', 'null'],
    ],
    '{"c\\"":null}',
  ],
  ['{"\\u0061":1}', [['a', '2']], '{"\\u0061":2}'],
  ['{"a":1,"b":2,"a":3}', [['a', undefined]], '{"b":2}'],
  ['{"a":1,"b":2,"a":3}', [['a', '4']], '{"a":4,"b":2,"a":4}'],
  ['[1]', [['a', '1']], '[1]'],
] as const)('%s with %j becomes %s', (text, edits, expected) => {
  expect(splice(text, edits)).toBe(expected);
});

test('fuzz: splicing and parsing equals parsing and editing', () => {
  const names = ['model', 'messages', 'stream', 'new', '__proto__', 'a"b', 'é\n', ''];
  const edits = fc.array(fc.tuple(fc.constantFrom(...names), fc.option(fc.jsonValue({ maxDepth: 1 }), { nil: undefined })), { maxLength: 6 });
  fc.assert(
    fc.property(jsonObjectText(), edits, fc.nat(), ({ text, value }, changes, pick) => {
      const model = new Map<string, unknown>(Object.entries(value ?? {}));
      const present = [...model.keys()];
      // One edit always names a member that is there, whatever the names are.
      const own = present[pick % Math.max(1, present.length)];
      const all = new Map<string, unknown>([...changes, ...(own === undefined ? [] : [[own, pick % 2 === 0 ? undefined : pick] as const])]);
      const texts = new Map(Array.from(all, ([name, change]) => [name, change === undefined ? undefined : JSON.stringify(change)] as const));
      for (const [name, change] of all) {
        if (change === undefined) model.delete(name);
        else model.set(name, JSON.parse(JSON.stringify(change)));
      }
      const spliced = splice(text, texts);
      expect(scanJson(encoder.encode(spliced)).ok).toBe(true);
      const parsed: unknown = JSON.parse(spliced);
      const edited = new Map<string, unknown>(Object.entries(parsed ?? {}));
      expect(edited).toEqual(model);
    }),
    { numRuns: 1000 },
  );
});
