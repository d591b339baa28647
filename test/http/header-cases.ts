import { framed, host, judged, judgedByGateway, read, refused, request, withLines, type RequestCase } from './request-case.ts';

const seen = (headers: Readonly<Record<string, string | readonly string[] | undefined>>) => read(request('GET', '/p', '', headers));
const hello = (headers: Readonly<Record<string, string | readonly string[] | undefined>>) => read(request('POST', '/p', 'hello', headers));
const lines = (count: number): string => Array.from({ length: count }, (_, index) => `X-${index}: y\r\n`).join('');
const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;

/** Between the name and the colon, and around names, nothing may stand (RFC 9112 §5.1). */
const badNames: readonly (readonly [string, string])[] = [
  ['a space before the colon', 'X : y'],
  ['a tab before the colon', 'X\t: y'],
  ['no name', ': y'],
  ['a space for a name', ' : y'],
  ['no colon', 'X'],
  ['a space within a name', 'X Y: z'],
  ['a NUL within a name', 'X\u0000Y: z'],
  ['a NUL at the end of a name', 'X\u0000: z'],
  ['a vertical tab at the end of a name', 'X\u000b: z'],
  ['an accent in a name', 'X\u00e9: z'],
  ['a no-break space in a name', 'X\u00a0: z'],
  ['brackets in a name', 'X(Y): z'],
  ['an at sign in a name', 'X@Y: z'],
  ['quotes around a name', '"X": z'],
  ['a slash in a name', 'X/Y: z'],
  ['an equals sign for the colon', 'X=Y'],
  ['a folded line', 'X: y\r\n z'],
  ['a line folded with a tab', 'X: y\r\n\tz'],
  ['a folded line that looks like a header', 'X: y\r\n Transfer-Encoding: chunked'],
  ['a line of a space alone', 'X: y\r\n '],
];

const badValueBytes = [0x00, 0x01, 0x07, 0x08, 0x0b, 0x0c, 0x0e, 0x1b, 0x1f, 0x7f];

export const headerCases: readonly RequestCase[] = [
  withLines('names in any case', 'x-A: y\r\n', seen({ 'x-a': 'y' })),
  withLines('space and tabs around a value are not part of it', 'X: \t y \t \r\n', seen({ x: 'y' })),
  withLines('no space after the colon', 'X:y\r\n', seen({ x: 'y' })),
  withLines('an empty value', 'X:\r\n', seen({ x: '' })),
  withLines('a value of spaces', 'X:   \r\n', seen({ x: '' })),
  withLines('a tab within a value', 'X: a\tb\r\n', seen({ x: 'a\tb' })),
  withLines('colons in a value', 'X: a: b:c\r\n', seen({ x: 'a: b:c' })),
  withLines('bytes above ASCII in a value', 'X: \u00e9\u00ff\r\n', seen({ x: '\u00e9\u00ff' })),
  withLines('a no-break space is part of a value', 'X: \u00a0y\u00a0\r\n', seen({ x: '\u00a0y\u00a0' })),
  withLines('every character of a token', "!#$%&'*+-.^_`|~09azAZ: y\r\n", seen({ "!#$%&'*+-.^_`|~09azaz": 'y' })),
  withLines('a name that objects have by nature', '__proto__: y\r\nconstructor: z\r\n', seen({ ['__proto__']: 'y', constructor: 'z' })),
  withLines('a header that comes twice keeps both values in order', 'X: a\r\nx: b\r\n', seen({ x: ['a', 'b'] })),
  withLines('100 headers', lines(99), seen({ 'x-98': 'y' })),
  withLines('5,000 headers', lines(1200), refused([400, 431])),
  withLines('1,000 short headers', 'a:\r\n'.repeat(1000), refused([400, 431])),
  withLines('a header of 20,000 bytes', `X: ${'y'.repeat(20_000)}\r\n`, refused([400, 431])),
  judged('a head without an end', `GET /p HTTP/1.1\r\n${host}X: ${'y'.repeat(20_000)}`, refused([400, 431])),
  ...badNames.map(([name, line]) => withLines(name, `${line}\r\n`, refused())),
  ...badValueBytes.map((byte) => withLines(`the control byte ${hex(byte)} in a value`, `X: a${String.fromCharCode(byte)}b\r\n`, refused())),
  withLines('a CR within a value', 'X: a\rb\r\n', refused()),
  withLines('an LF within a value', 'X: a\nY: b\r\n', refused()),
  withLines('a CR twice before the LF', 'X: a\r\r\n', refused()),
  withLines('an LF and a CR', 'X: a\n\rY: b\r\n', refused()),
  judged('a folded line in the first place', 'GET /p HTTP/1.1\r\n Host: a\r\n\r\n', refused()),
  judged('a head that ends in LF, CR, LF', 'GET /p HTTP/1.1\r\nHost: a\n\r\n', refused()),
  judged('a head that ends in CR, LF, LF', 'GET /p HTTP/1.1\r\nHost: a\r\n\n', refused()),
  judged('a head that is not all there', 'GET /p HTTP/1.1\r\nHost: a\r\n', read([], 'wait')),
  judged('a head that ends within its last line end', 'GET /p HTTP/1.1\r\nHost: a\r\n\r', read([], 'wait')),

  judged('no Host', 'GET /p HTTP/1.1\r\n\r\n', refused()),
  judged('two Hosts', 'GET /p HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', refused()),
  judged('two Hosts that say the same', 'GET /p HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n', refused()),
  judged('an empty Host beside a Host', 'GET /p HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n', refused()),
  judged('a Host with a space before the colon', 'GET /p HTTP/1.1\r\nHost : a\r\n\r\n', refused()),
  ...[
    ['an empty Host', ''],
    ['two names in one Host', 'a, b'],
    ['a path in the Host', 'a/b'],
    ['a name before the Host', 'b@a'],
    ['a fragment in the Host', 'a#b'],
    ['a query in the Host', 'a?b'],
    ['a space in the Host', 'a b'],
    ['a percent sign in the Host', 'a%00'],
    ['an accent in the Host', '\u00e9'],
  ].map(([name = '', value = '']) => judgedByGateway(name, `GET /health HTTP/1.1\r\nHost: ${value}\r\n\r\n`, [400])),

  withLines('two keys', 'Authorization: Bearer a\r\nAuthorization: Bearer b\r\n', refused()),
  withLines('two types of content', 'Content-Type: a/b\r\nContent-Type: c/d\r\n', refused()),
  withLines('two expectations', 'Expect: 100-continue\r\nExpect: x\r\n', refused([400, 417])),
  judgedByGateway('an expectation that nobody meets', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 200-ok\r\n\r\n', [400, 417]),
  judgedByGateway('two expectations in one', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue, x\r\n\r\n', [400, 417]),
  framed('an expectation that is met', 'Expect: 100-continue\r\nContent-Length: 5\r\n', 'hello', hello({ expect: '100-continue' })),
  withLines(
    'an upgrade to HTTP/2 is not taken',
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n',
    seen({ upgrade: 'h2c' }),
  ),
  withLines('an upgrade to a socket is not taken', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n'),

  withLines('a close', 'Connection: close\r\n', read(request('GET', '/p'), 'close')),
  withLines('a close in another case', 'Connection: Close\r\n', read(request('GET', '/p'), 'close')),
  withLines('a close in a list', 'Connection: keep-alive, close\r\n', read(request('GET', '/p'), 'close')),
  withLines('a close in a second header', 'Connection: keep-alive\r\nConnection: close\r\n', read(request('GET', '/p'), 'close')),
  withLines('what only begins like a close', 'Connection: closed\r\n'),
  // Naming a header in `Connection` must not take it away from framing.
  framed('a length that Connection names still counts', 'Connection: Content-Length\r\nContent-Length: 5\r\n', 'hello'),
  framed('a coding that Connection names still counts', 'Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n'),

  framed(
    'a length spelt with an underscore is another header',
    'Content_Length: 3\r\nContent-Length: 5\r\n',
    'hello',
    hello({ content_length: '3' }),
  ),
  framed('a coding spelt with an underscore is another header', 'Transfer_Encoding: chunked\r\nContent-Length: 5\r\n', 'hello'),
  framed('a coding of the content is none of the transfer', 'Content-Encoding: chunked\r\nContent-Length: 5\r\n', 'hello'),
  framed('what a client says of trailers changes nothing', 'TE: chunked, trailers\r\nTrailer: X\r\nContent-Length: 5\r\n', 'hello'),
];
