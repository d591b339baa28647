import { host, judged, read, refused, request, type RequestCase } from './request-case.ts';

const get = (target: string, lines = ''): string => `GET ${target} HTTP/1.1\r\n${host}${lines}\r\n`;
const post = (target: string, body: string): string => `POST ${target} HTTP/1.1\r\n${host}Content-Length: ${body.length}\r\n\r\n${body}`;
const chunked = (target: string, body: string): string =>
  `POST ${target} HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const first = request('GET', '/1');
const second = request('GET', '/2');
const admin = get('/admin');

/** Several requests on one connection: each is read as itself, and nothing of one becomes part of another. */
export const pipelineCases: readonly RequestCase[] = [
  judged('two requests in one packet', get('/1') + get('/2'), read([first, second])),
  judged('a hundred requests in one packet', get('/1').repeat(100), read(Array.from({ length: 100 }, () => first))),
  judged(
    'bodies between requests',
    post('/a', 'hello') + get('/1') + post('/b', ''),
    read([request('POST', '/a', 'hello'), first, request('POST', '/b')]),
  ),
  judged('a body that looks like a request', post('/a', admin), read(request('POST', '/a', admin))),
  judged('a body that looks like a request, before one', post('/a', admin) + get('/1'), read([request('POST', '/a', admin), first])),
  judged('chunks that look like a request, before one', chunked('/a', admin) + get('/1'), read([request('POST', '/a', admin), first])),
  judged('a body that ends like chunks', post('/a', '0\r\n\r\n') + get('/1'), read([request('POST', '/a', '0\r\n\r\n'), first])),
  judged(
    'chunks, then a length',
    chunked('/a', 'hello') + post('/b', 'world'),
    read([request('POST', '/a', 'hello'), request('POST', '/b', 'world')]),
  ),
  judged('one empty line between two', `${post('/a', 'hello')}\r\n${get('/1')}`, read([request('POST', '/a', 'hello'), first])),
  judged('nothing is read behind a close', get('/1', 'Connection: close\r\n') + get('/2'), read(first, 'close')),
  judged('nothing is read behind HTTP/1.0', `GET /1 HTTP/1.0\r\n${host}\r\n${get('/2')}`, read(first, 'close')),
  judged('a bad request behind a good one', get('/1') + get('/2', 'X : y\r\n'), refused(400, [first])),
  judged('nothing is read behind a bad request', get('/2', 'X : y\r\n') + get('/1'), refused()),
  judged('a good one that is not whole behind a good one', get('/1') + get('/2').slice(0, -2), read(first, 'wait')),
  judged(
    'a length that is one too short',
    `POST /a HTTP/1.1\r\n${host}Content-Length: 4\r\n\r\nhello`,
    refused(400, [request('POST', '/a', 'hell')]),
  ),
  judged(
    'a length that takes the next request’s beginning',
    `POST /a HTTP/1.1\r\n${host}Content-Length: 8\r\n\r\nhello${get('/2')}`,
    refused(400, [request('POST', '/a', 'helloGET')]),
  ),
  judged(
    'a length and a coding, and a request that only one of them leaves',
    `POST /a HTTP/1.1\r\n${host}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX${admin}`,
    refused(),
  ),
  judged(
    'a coding that is none, and a request that only some leave',
    `POST /a HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${admin}`,
    refused([400, 501]),
  ),
  judged(
    'a GET whose length hides a request',
    `GET /a HTTP/1.1\r\n${host}Content-Length: ${admin.length}\r\n\r\n${admin}`,
    read(request('GET', '/a', admin)),
  ),
  judged(
    'a HEAD whose length hides a request',
    `HEAD /a HTTP/1.1\r\n${host}Content-Length: ${admin.length}\r\n\r\n${admin}`,
    read(request('HEAD', '/a', admin)),
  ),
  judged('a request behind an upgrade is a request', get('/1', 'Connection: Upgrade\r\nUpgrade: h2c\r\n') + get('/2'), read([first, second])),
  judged('the preface of HTTP/2 behind a request', `${get('/1')}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`, refused([400, 505], [first])),
  judged('a last chunk too many', `${chunked('/a', 'hello')}0\r\n\r\n${get('/1')}`, refused(400, [request('POST', '/a', 'hello')])),
];
