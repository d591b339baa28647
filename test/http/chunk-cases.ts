import { chunks, read, refused, request, type RequestCase } from './request-case.ts';

const nothing = read(request('POST', '/p'));
const end = '0\r\n\r\n';
const whole = `5\r\nhello\r\n${end}`;
const text = (body: string) => read(request('POST', '/p', body));
const hello = text('hello');
const smuggled = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n';

/** Sizes that are no hexadecimal number alone (RFC 9112 §7.1), before the five bytes that many readers would take. */
const badSizes: readonly (readonly [string, string])[] = [
  ['0x in front', '0x5'],
  ['a plus sign', '+5'],
  ['a minus sign', '-5'],
  ['a space in front', ' 5'],
  ['a space behind', '5 '],
  ['a tab in front', '\t5'],
  ['a tab behind', '5\t'],
  ['two numbers', '5 5'],
  ['a comma', '5,'],
  ['a fraction', '5.0'],
  ['an h', '5h'],
  ['an underscore', '0_5'],
  ['a letter that is no digit', 'g'],
  ['nothing', ''],
  ['a space alone', ' '],
  ['quotes', '"5"'],
  ['a NUL behind', '5\u0000'],
  ['a vertical tab behind', '5\u000b'],
  ['a digit of another script', '\u00d9\u00a5'],
  ['a CR in front', '\r5'],
  ['an LF in front', '\n5'],
  ['a CR twice', '5\r'],
];

/** Numbers that wrap round to five, or to nothing, where somebody counts in too few bits. */
const wrapping = [
  '100000005',
  '80000005',
  'ffffffff',
  '10000000000000005',
  'ffffffffffffffff',
  '20000000000001',
  `${'0'.repeat(40)}10000000000000005`,
  'f'.repeat(300),
];

/** What may stand at the end of an extension, a chunk or a trailer line but CRLF. */
const badExtensions: readonly (readonly [string, string])[] = [
  ['an LF', '5;a=b\n'],
  ['an LF within', '5;a\nb'],
  ['a CR within', '5;a\rb'],
  ['a NUL', '5;a\u0000'],
  ['a DEL', '5;a\u007f'],
  ['quotes around an LF', '5;a="\n"'],
  ['100,000 bytes', `5;${'a'.repeat(100_000)}`],
];

/** Whether an extension is well formed is nobody's business who ignores it, as long as the line's end is one for all. */
const extensions: readonly (readonly [string, string])[] = [
  ['a name', '5;a'],
  ['a name and a value', '5;a=b'],
  ['a quoted value', '5;a="b;c"'],
  ['several', '5;a=b;c=d;e'],
  ['a space before it', '5 ;a=b'],
  ['nothing behind the semicolon', '5;'],
  ['a space behind it', '5;a=b '],
  ['an open quote', '5;a="b'],
];

const badTrailers: readonly (readonly [string, string])[] = [
  ['an LF for its end', 'X: y\n'],
  ['a CR within', 'X: a\rb\r\n'],
  ['a NUL', 'X: a\u0000b\r\n'],
  ['100,000 bytes', `X: ${'y'.repeat(100_000)}\r\n`],
  ['5,000 lines', 'X: y\r\n'.repeat(5000)],
];

/** What is no field line (RFC 9112 §7.1.2): who takes the body for ended before it reads a request there. */
const badTrailerLines: readonly (readonly [string, string])[] = [
  ['no colon', 'X'],
  ['a request without a colon', 'GET /admin HTTP/1.1'],
  ['a space before the colon', 'X : y'],
  ['a folded line', 'X: y\r\n z'],
  ['a space in front', ' X: y'],
  ['a space alone', ' '],
  ['no name', ': y'],
];

export const chunkCases: readonly RequestCase[] = [
  chunks('one chunk', whole, hello),
  chunks('no chunk', end, nothing),
  chunks('several chunks', `2\r\nhe\r\n3\r\nllo\r\n${end}`, hello),
  chunks('chunks of one byte', `${[...'hello'].map((letter) => `1\r\n${letter}\r\n`).join('')}${end}`, hello),
  chunks('a size in capitals', `A\r\n0123456789\r\n${end}`, text('0123456789')),
  chunks('a size in small letters', `a\r\n0123456789\r\n${end}`, text('0123456789')),
  chunks('zeros in front of a size', `005\r\nhello\r\n${end}`, hello),
  chunks('many zeros in front of a size', `${'0'.repeat(30)}5\r\nhello\r\n${end}`, hello, refused([400, 413])),
  chunks('several zeros for the last', '5\r\nhello\r\n000\r\n\r\n', hello),
  chunks('line ends and chunks within a chunk', `b\r\n0\r\n\r\n5\r\nabc\r\n${end}`, text('0\r\n\r\n5\r\nabc')),
  chunks('a request within a chunk', `${smuggled.length.toString(16)}\r\n${smuggled}\r\n${end}`, text(smuggled)),
  chunks('a body that is not all there', '5\r\nhel', read([], 'wait')),
  chunks('a body without its last chunk', '5\r\nhello\r\n', read([], 'wait')),
  chunks('a body without its last line end', '5\r\nhello\r\n0\r\n', read([], 'wait')),
  chunks('a body that ends within its last line end', '5\r\nhello\r\n0\r\n\r', read([], 'wait')),
  chunks('a body beyond the limit', `4e20\r\n${'a'.repeat(20_000)}\r\n${end}`, refused(413)),
  chunks('a body beyond the limit in small chunks', `${'64\r\n'.concat('a'.repeat(100), '\r\n').repeat(200)}${end}`, refused(413)),
  ...badSizes.map(([name, size]) => chunks(`a size with ${name}`, `${size}\r\nhello\r\n${end}`, refused())),
  ...wrapping.map((size) => chunks(`the size ${size.slice(0, 50)}`, `${size}\r\nhello\r\n${end}`, refused([400, 413]))),
  chunks('a first size that is none', `zz\r\nhello\r\n${end}`, refused()),
  chunks('a later size that is none', `5\r\nhello\r\nzz\r\n${end}`, refused()),
  chunks('a size that ends in LF alone', `5\nhello\r\n${end}`, refused()),
  chunks('a size that ends in CR alone', `5\rhello\r\n${end}`, refused()),
  chunks('a last size that ends in LF alone', '5\r\nhello\r\n0\n\r\n', refused()),
  chunks('a chunk that is longer than its size', `5\r\nhello!\r\n${end}`, refused()),
  chunks('a chunk that is shorter than its size', `6\r\nhello\r\n${end}`, refused()),
  chunks('no line end behind a chunk', `5\r\nhello${end}`, refused()),
  chunks('an LF alone behind a chunk', `5\r\nhello\n${end}`, refused()),
  chunks('a CR alone behind a chunk', `5\r\nhello\r${end}`, refused()),
  chunks('a CR and something else behind a chunk', `5\r\nhello\rX${end}`, refused()),
  chunks('something else and an LF behind a chunk', `5\r\nhelloX\n${end}`, refused()),
  chunks('a CR and something else behind a size', `5\rXhello\r\n${end}`, refused()),
  chunks('a CR and something else behind the last size', '5\r\nhello\r\n0\rX\r\n', refused()),
  chunks('an empty line where a size should be', '\r\n\r\n', refused()),
  chunks('an empty line where the last size should be', '5\r\nhello\r\n\r\n\r\n', refused()),
  chunks('an extension where a size should be', ';a=b\r\n\r\n', refused()),
  chunks('a CR and something else behind a trailer', '5\r\nhello\r\n0\r\nX: y\rZ\r\n', refused()),
  chunks('two line ends behind a chunk', `5\r\nhello\r\n\r\n${end}`, refused()),
  chunks('an LF at the very end', '5\r\nhello\r\n0\r\n\n', refused()),
  chunks('a CR and something else at the very end', '5\r\nhello\r\n0\r\n\rX', refused()),
  chunks('LF for every line end', '5\nhello\n0\n\n', refused()),
  ...extensions.map(([name, line]) => chunks(`an extension: ${name}`, `${line}\r\nhello\r\n${end}`, hello, refused())),
  chunks('an extension of the last chunk', '5\r\nhello\r\n0;a=b\r\n\r\n', hello),
  ...badExtensions.map(([name, line]) => chunks(`an extension with ${name}`, `${line}\r\nhello\r\n${end}`, refused([400, 413, 431]))),
  // A trailer is dropped or refused, but never becomes a header.
  ...['X: y', 'Content-Length: 50', 'Transfer-Encoding: chunked', 'Host: evil', 'Authorization: Bearer stolen', 'Content-Type: text/evil'].map(
    (line) =>
      chunks(
        `the trailer “${line}” is dropped`,
        `5\r\nhello\r\n0\r\n${line}\r\n\r\n`,
        read(
          request('POST', '/p', 'hello', {
            authorization: undefined,
            'content-length': undefined,
            'content-type': undefined,
            host: 'a',
            x: undefined,
          }),
        ),
        refused(),
      ),
  ),
  ...badTrailers.map(([name, lines]) => chunks(`a trailer with ${name}`, `5\r\nhello\r\n0\r\n${lines}\r\n`, refused([400, 413, 431]))),
  ...badTrailerLines.map(([name, line]) => chunks(`a trailer with ${name}`, `5\r\nhello\r\n0\r\n${line}\r\n\r\n`, refused())),
];
