import type { HttpRequest } from '../http/server-connection.ts';
import type { Fault } from '../std/error-catalogue.ts';

const hostPattern = /^[A-Za-z0-9.\-[\]:]+$/;
const loopbackHost = /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/i;

/**
 * Refuses what a web page of another site could send: a gateway on loopback has no key to ask for, so the `Host` must
 * be loopback too (DNS rebinding), and a browser's request must come from the page that the gateway itself served.
 */
export function checkRequestHead({ headers }: HttpRequest, loopbackOnly: boolean): Fault | undefined {
  const { host, origin, expect } = headers;
  if (host !== undefined && (typeof host !== 'string' || !hostPattern.test(host)))
    return { code: 'bad_http', detail: 'The Host header is malformed.' };
  if (expect !== undefined && expect !== '100-continue') return { code: 'bad_http', detail: 'The only `Expect` that is met is `100-continue`.' };
  if (loopbackOnly && host !== undefined && !loopbackHost.test(host)) return { code: 'forbidden_origin' };
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return { code: 'forbidden_origin' };
  if (origin !== undefined && !isOriginOf(origin, host ?? '')) return { code: 'forbidden_origin' };
  return undefined;
}

function isOriginOf(origin: string | readonly string[], host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}
