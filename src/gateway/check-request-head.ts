import type { IncomingMessage } from 'node:http';
import type { Fault } from '../std/error-catalogue.ts';

const hostPattern = /^[A-Za-z0-9.\-[\]:]+$/;
const loopbackHost = /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/i;

/**
 * Refuses what `node:http` accepts though two readers could understand it differently (security requirement S15), and
 * what a web page of another site could send: a gateway on loopback has no key to ask for, so the `Host` must be
 * loopback too (DNS rebinding) and a browser's request must come from the page that the gateway itself served.
 */
export function checkRequestHead(request: IncomingMessage, loopbackOnly: boolean): Fault | undefined {
  const hosts = countOf(request, 'host');
  if (hosts > 1) return { code: 'bad_http', detail: 'There is more than one Host header.' };
  if (hosts === 0 && request.httpVersion !== '1.0') return { code: 'bad_http', detail: 'There is no Host header.' };
  if (countOf(request, 'authorization') > 1) return { code: 'bad_http', detail: 'There is more than one Authorization header.' };
  if (countOf(request, 'x-api-key') > 1) return { code: 'bad_http', detail: 'There is more than one x-api-key header.' };
  if (!(request.url ?? '').startsWith('/')) return { code: 'bad_http', detail: 'The target is not in origin form.' };
  if (request.httpVersion === '1.0' && request.headers['transfer-encoding'] !== undefined)
    return { code: 'bad_http', detail: 'HTTP/1.0 has no Transfer-Encoding.' };
  const host = request.headers.host ?? '';
  if (hosts === 1 && !hostPattern.test(host)) return { code: 'bad_http', detail: 'The Host header is malformed.' };
  if (loopbackOnly && hosts === 1 && !loopbackHost.test(host)) return { code: 'forbidden_origin' };
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return { code: 'forbidden_origin' };
  const { origin } = request.headers;
  if (origin !== undefined && !isOriginOf(origin, host)) return { code: 'forbidden_origin' };
  return undefined;
}

function isOriginOf(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}

function countOf(request: IncomingMessage, name: string): number {
  let count = 0;
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    if (request.rawHeaders[index]?.toLowerCase() === name) count += 1;
  }
  return count;
}
