import { expect, test } from 'vitest';
import { parseFieldLines } from './field-lines.ts';

test('a field may be named like anything that objects have, and none is there that did not come', () => {
  const parsed = parseFieldLines('constructor: a\r\n__proto__: b\r\n__proto__: c\r\nX-Own: d', 0);
  expect(parsed).toMatchObject({ ok: true });
  const fields = parsed.ok ? parsed.value : {};
  expect(Object.entries(fields)).toEqual([
    ['constructor', 'a'],
    ['__proto__', ['b', 'c']],
    ['x-own', 'd'],
  ]);
  const none = parseFieldLines('', 0);
  expect(none.ok && [none.value['constructor'], none.value['__proto__'], none.value['toString']]).toEqual([undefined, undefined, undefined]);
});
