import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseRequestHead, RequestHeads } from './request-head.ts';
import { replayable } from '../std/testing/replayable.ts';

const lengths = fc.constantFrom('0', '7', '12', '012', '123456789012345', '1234567890123456', '', 'x', '1 2', '1\r\nx: y', '-1', '+1', '1\t', '٣');
const lengthName = fc.constantFrom('Content-Length', 'content-length', 'CONTENT-LENGTH', 'content-length ', 'x-content-length');
const line = fc.oneof(
  fc.constantFrom(
    'Host: a',
    'host:b',
    'X: content-length: 5',
    'x-a: 1',
    'Accept: */*',
    'Transfer-Encoding: chunked',
    'Connection: close',
    'content-length: 7',
  ),
  fc.tuple(fc.constantFrom('x-b', 'authorization'), fc.constantFrom('1', '12', '')).map(([name, value]) => `${name}: ${value}`),
);
const first = fc.constantFrom('POST /v1 HTTP/1.1', 'POST /v1?content-length:5 HTTP/1.1', 'GET / HTTP/1.0', 'post / HTTP/1.1');
/** Heads that differ from each other in a little: a length, a line, what stands around them. */
const heads = fc
  .tuple(
    first,
    fc.array(line, { maxLength: 3 }),
    lengthName,
    fc.constantFrom(' ', '', '  ', '\t'),
    fc.constantFrom('', ' ', '\t '),
    fc.nat({ max: 4 }),
  )
  .chain(([start, lines, name, before, after, at]) =>
    fc.array(fc.tuple(lengths, fc.constantFrom('', '', '', '5', '\r\nx-c: 1', ' ')), { minLength: 2, maxLength: 6 }).map((all) =>
      all.map(([length, tail]) => {
        const fields = ['Host: c', ...lines];
        fields.splice(at, 0, `${name}:${before}${length}${after}`);
        return `${[start, ...fields].join('\r\n')}${tail}`;
      }),
    ),
  );

it('a head is read as it would be alone, whatever came before it on its connection', () => {
  fc.assert(
    fc.property(heads, (all) => {
      const connection = new RequestHeads();
      for (const text of all) expect(connection.read(text)).toEqual(parseRequestHead(text));
    }),
    replayable('src/http/request-head.test.ts', 2000),
  );
});

it('of a head that comes again only the length is read anew', () => {
  const connection = new RequestHeads();
  const head = (length: string): string => `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\nAccept: */*`;
  const read = ['12', '345', '12', '9'].map((length) => connection.read(head(length)));
  expect(read.map((one) => one.ok && one.value.body)).toEqual([12, 345, 12, 9].map((bytes) => ({ kind: 'bytes', bytes })));
  expect(read.map((one) => one.ok && one.value.fields['content-length'])).toEqual(['12', '345', '12', '9']);
  expect(read.every((one) => one.ok && one.value.fields['accept'] === '*/*' && one.value.fields['constructor'] === undefined)).toBe(true);
});

it('what is longer by a digit is another head where none told a length', () => {
  const connection = new RequestHeads();
  const text = 'GET / HTTP/1.1\r\nHost: a';
  connection.read(text);
  expect(connection.read(`${text}5`)).toEqual(parseRequestHead(`${text}5`));
});
