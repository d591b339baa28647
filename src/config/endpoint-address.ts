import { failure, success, type Result } from '../std/result.ts';
import { hostReach } from './host-reach.ts';
import type { EndpointConfig } from './config-schema.ts';

export interface AddressProblem {
  readonly what: string;
  readonly fix: string;
}

export interface ResolvedAddress {
  readonly address: EndpointConfig['address'];
  readonly hostname: string;
  readonly allowPrivate: boolean;
}

/**
 * Reads an endpoint's URL into origin and base path. The WHATWG parser canonicalises first, so that `0x7f000001`
 * and `127.1` are judged as the loopback address that they are. `bareBasePath` is that of a URL without a path.
 */
export function endpointAddress(given: string, allowPrivate: boolean | undefined, bareBasePath = '/v1'): Result<ResolvedAddress, AddressProblem> {
  const wrong = (what: string, fix: string): Result<never, AddressProblem> => failure({ what, fix });
  if (!URL.canParse(given)) return wrong('is not a URL', 'Give the base URL, such as `https://api.example.com/v1`.');
  const url = new URL(given);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return wrong('is neither https nor http', 'Give a URL that begins with `https://`.');
  if (url.username !== '' || url.password !== '')
    return wrong('contains a user name or password', 'Remove it and give the secret as `key: env:NAME`.');
  if (given.includes('#')) return wrong('contains a fragment (`#…`)', 'Remove it.');
  if (given.includes('?')) return wrong('contains a query (`?…`)', 'Remove it.');
  const reach = hostReach(url.hostname);
  if (reach === 'forbidden')
    return wrong('names a link-local, multicast or unspecified address, where no endpoint can be', 'Give the address of the endpoint.');
  if (reach !== 'public' && allowPrivate === false)
    return wrong('names a loopback or private address, and `allowPrivate` is false', 'Set `allowPrivate: true`, or give another URL.');
  if (url.protocol === 'http:' && reach === 'public' && allowPrivate !== true) {
    return wrong(
      'is http to a host that is not private, so that prompts and keys could be read on the way',
      'Use `https://`, or set `allowPrivate: true` if the host is in your own network.',
    );
  }
  const path = url.pathname.replace(/(?<!\/)\/+$/, '');
  const versioned = /(?:^|\/)v1(?:beta)?$/.test(path) || /\/v1(?:beta)?\/openai$/.test(path);
  const basePath = path === '' ? bareBasePath : versioned ? path : `${path}/v1`;
  return success({
    address: { kind: 'url', origin: url.origin, basePath },
    hostname: url.hostname,
    allowPrivate: allowPrivate ?? reach !== 'public',
  });
}
