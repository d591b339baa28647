import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonItems, spliceItems } from './json-items.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

test('fuzz: the items of any array are those that JSON.parse finds, whatever white space is between them', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 6 }), fc.constantFrom('', ' ', '\n\t'), (values, space) => {
      const array = encoder.encode(`[${space}${values.map((value) => JSON.stringify(value)).join(`${space},${space}`)}${space}]`);
      const items = jsonItems(array).map(({ start, end }) => JSON.parse(decoder.decode(array.subarray(start, end))));
      expect(items).toEqual(JSON.parse(decoder.decode(array)));
    }),
  );
});

test('replacing one item leaves every other byte as it came', () => {
  const edited = spliceItems(encoder.encode('[ 1.0 , {"a":[1,2,"]"]},"x,y" ]'), (item, index) => (index === 1 ? encoder.encode('null') : item));
  expect(decoder.decode(edited)).toBe('[ 1.0 , null,"x,y" ]');
});

test.each(['{}', '1', '"[1]"', ''])('%s has no items', (text) => {
  expect(jsonItems(encoder.encode(text))).toEqual([]);
});
