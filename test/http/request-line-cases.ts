import { host, judged, judgedByGateway, read, refused, request, type RequestCase } from './request-case.ts';

/** Request lines that are read as they stand. */
function taken(name: string, line: string, method: string, target: string, then: 'next' | 'close' = 'next'): RequestCase {
  return judged(name, `${line}\r\n${host}\r\n`, read(request(method, target), then));
}

function no(name: string, line: string, statuses: readonly number[] = [400]): RequestCase {
  return judged(name, `${line}\r\n${host}\r\n`, refused(statuses));
}

const versions = ['HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.10', 'HTTP/01.1', 'HTTP/1.1.1', 'HTTP/1,1', 'HTTP/1.', 'HTTP/11', 'HTTP/+1.1'];
const names = ['http/1.1', 'HTTPS/1.1', 'ICE/1.1', 'HTP/1.1', 'XHTTP/1.1', 'HTTP 1.1', 'HTTP/ 1.1', 'HTTP/\u00a01.1'];
const controls = [0x00, 0x01, 0x08, 0x0b, 0x0c, 0x1b, 0x7f];
const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;

export const requestLineCases: readonly RequestCase[] = [
  taken('a plain request', 'GET /p HTTP/1.1', 'GET', '/p'),
  taken('a query', 'GET /p?a=b&c=%20 HTTP/1.1', 'GET', '/p?a=b&c=%20'),
  taken('a path that begins with two slashes is a path', 'GET //evil/p HTTP/1.1', 'GET', '//evil/p'),
  taken('dots are not resolved', 'GET /a/../p HTTP/1.1', 'GET', '/a/../p'),
  taken('percent signs are not decoded', 'GET /%2e%2e/%00%0d%0a HTTP/1.1', 'GET', '/%2e%2e/%00%0d%0a'),
  taken('an address in the query', 'GET /p?u=http://evil/ HTTP/1.1', 'GET', '/p?u=http://evil/'),
  taken('a method that nobody knows', 'FROBNICATE /p HTTP/1.1', 'FROBNICATE', '/p'),
  taken('TRACE is a method like others', 'TRACE /p HTTP/1.1', 'TRACE', '/p'),
  taken('HTTP/1.0 is served once', 'GET /p HTTP/1.0', 'GET', '/p', 'close'),
  judged('HTTP/1.0 needs no Host', 'GET /p HTTP/1.0\r\n\r\n', read(request('GET', '/p'), 'close')),
  judged(
    'HTTP/1.0 that asks for more is served once',
    `GET /p HTTP/1.0\r\n${host}Connection: keep-alive\r\n\r\n`,
    read(request('GET', '/p'), 'close'),
  ),
  // RFC 9112 §2.2 lets one empty line before a request pass; more are nobody's mistake.
  judged('one empty line before the request', `\r\nGET /p HTTP/1.1\r\n${host}\r\n`, read(request('GET', '/p'))),
  judged('two empty lines before the request', `\r\n\r\nGET /p HTTP/1.1\r\n${host}\r\n`, refused()),
  judged('an empty line of LF alone before the request', `\nGET /p HTTP/1.1\r\n${host}\r\n`, refused()),
  judged('a CR alone before the request', `\rGET /p HTTP/1.1\r\n${host}\r\n`, refused()),
  no('a space before the method', ' GET /p HTTP/1.1'),
  no('no method', ' /p HTTP/1.1'),
  no('a NUL before the method', '\u0000GET /p HTTP/1.1'),
  no('a byte order mark before the method', '\u00ef\u00bb\u00bfGET /p HTTP/1.1'),
  judged('the beginning of TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003', refused()),
  judged('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', refused([400, 505])),
  judged('HTTP/0.9', 'GET /p\r\n', refused([400, 505])),
  judged('HTTP/0.9 with an empty line', 'GET /p\r\n\r\n', refused([400, 505])),
  judged('a line that is none', 'NONSENSE\r\n\r\n', refused()),
  no('a method in lower case', 'get /p HTTP/1.1', [400, 501]),
  no('a method in mixed case', 'Get /p HTTP/1.1', [400, 501]),
  no('a method with a digit in front', '1GET /p HTTP/1.1', [400, 501]),
  no('a method with brackets', 'G(E)T /p HTTP/1.1', [400, 501]),
  no('a method with a colon', 'GET: /p HTTP/1.1', [400, 501]),
  no('a method with an accent', 'G\u00c9T /p HTTP/1.1', [400, 501]),
  no('a method of 5,000 letters', `${'A'.repeat(5000)} /p HTTP/1.1`, [400, 431, 501]),
  no('CONNECT to another machine', 'CONNECT evil:443 HTTP/1.1', [400, 405, 501]),
  no('CONNECT with a path', 'CONNECT /p HTTP/1.1', [400, 405, 501]),
  no('a target in absolute form', 'GET http://evil/p HTTP/1.1'),
  no('a target in absolute form with a name and password', 'GET http://a@evil/p HTTP/1.1'),
  no('a target in authority form', 'GET evil:80 HTTP/1.1'),
  no('an asterisk', 'OPTIONS * HTTP/1.1', [400, 405, 501]),
  no('an asterisk for GET', 'GET * HTTP/1.1'),
  no('a target without a slash', 'GET p HTTP/1.1'),
  no('a target with a slash the other way', 'GET \\p HTTP/1.1'),
  no('a query alone', 'GET ?a=b HTTP/1.1'),
  no('an empty target', 'GET  HTTP/1.1'),
  no('no target', 'GET HTTP/1.1'),
  // RFC 9112 §3.2: a target has no fragment, and readers differ in whether they cut it off.
  ...['/p#f', '/p#/../admin'].map((target) => no(`a fragment: ${target}`, `GET ${target} HTTP/1.1`)),
  no('a space in the target', 'GET /a b HTTP/1.1'),
  no('a tab in the target', 'GET /a\tb HTTP/1.1'),
  no('two spaces after the method', 'GET  /p HTTP/1.1'),
  no('two spaces before the version', 'GET /p  HTTP/1.1'),
  no('tabs for spaces', 'GET\t/p\tHTTP/1.1'),
  no('a space after the version', 'GET /p HTTP/1.1 '),
  no('a tab after the version', 'GET /p HTTP/1.1\t'),
  no('two versions', 'GET /p HTTP/1.1 HTTP/1.1'),
  no('a second target', 'GET /p /q HTTP/1.1'),
  no('no version', 'GET /p '),
  no('an accent in the target', 'GET /\u00e9 HTTP/1.1'),
  no('a no-break space in the target', 'GET /a\u00a0b HTTP/1.1'),
  no('a CR within the line', 'GET /p\r HTTP/1.1'),
  no('a CR twice at the end', 'GET /p HTTP/1.1\r'),
  no('a CR that hides a header', 'GET /p HTTP/1.1\rX: y'),
  judged('lines that end in LF alone', 'GET /p HTTP/1.1\nHost: a\n\n', refused()),
  judged('a request line that ends in LF alone', `GET /p HTTP/1.1\n${host}\r\n`, refused()),
  ...versions.map((version) => no(`the version ${version}`, `GET /p ${version}`, [400, 505])),
  ...names.map((name) => no(`the protocol “${name.replace('\u00a0', '[0xa0]')}”`, `GET /p ${name}`, [400, 505])),
  ...controls.map((byte) => no(`the control byte ${hex(byte)} in the target`, `GET /a${String.fromCharCode(byte)}b HTTP/1.1`)),
  no('a target of 20,000 bytes', `GET /${'a'.repeat(20_000)} HTTP/1.1`, [400, 414, 431]),
  judgedByGateway('a tunnel asked for by Upgrade is not opened', `CONNECT a:80 HTTP/1.1\r\n${host}Upgrade: websocket\r\n\r\n`, [400, 405, 501]),
];
