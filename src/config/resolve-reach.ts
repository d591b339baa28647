import { rootCertificates } from 'node:tls';
import { exemptBy, readNoProxy, type IsExempt } from './no-proxy.ts';
import { failure, success, type Result } from '../std/result.ts';
import { hostReach } from './host-reach.ts';
import { readCertificates, readPrivateKey } from './read-pem.ts';
import { readSecret } from './read-secret.ts';
import { take, type Report } from './report.ts';
import type { AddressProblem } from './endpoint-address.ts';
import type { ConfigFile } from './config-schema.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';
import type { EndpointReach, EndpointTls, ProxyAddress } from '../fleet/endpoint-reach.ts';
import type { KeyPath } from './config-problem.ts';

/** What `network` says, read once for all endpoints. */
export interface Network {
  readonly tls: EndpointTls | undefined;
  /** The proxy on the way to a host that names none of its own. */
  readonly proxyTo: (origin: URL) => ProxyAddress | undefined;
}

type Entry = Pick<ConfigFile['endpoints'][number], 'tls' | 'proxy' | 'proxyCredentials'>;

export function resolveNetwork(network: ConfigFile['network'], around: ConfigSurroundings, report: Report): Network {
  const ca = network.ca === undefined ? undefined : take(readCertificates(network.ca, around), ['network', 'ca'], report);
  const tls = ca === undefined ? undefined : { authorities: `${rootCertificates.join('\n')}\n${ca}`, client: undefined, serverName: undefined };
  const exempt = network.noProxy.flatMap((entry, index) => take(readNoProxy(entry), ['network', 'noProxy', index], report) ?? []);
  const credentials = readCredentials(network.proxyCredentials, network.proxy, ['network'], around, report);
  if (network.proxy === undefined) return { tls, proxyTo: () => undefined };
  if (network.proxy === 'environment') return { tls, proxyTo: proxyOfEnvironment(exempt, tls, around, report) };
  const proxy = take(readProxy(network.proxy, credentials, tls), ['network', 'proxy'], report);
  const isExempt = exemptBy(exempt);
  return { tls, proxyTo: (origin) => (isExempt(hostOf(origin), portOf(origin)) ? undefined : proxy) };
}

/** How an endpoint is reached: by its own word, else by the network's. Undefined where nothing is special. */
export function resolveReach(
  entry: Entry,
  origin: URL,
  path: KeyPath,
  network: Network,
  around: ConfigSurroundings,
  report: Report,
): EndpointReach | undefined {
  const tls = resolveTls(entry.tls, [...path, 'tls'], network, around, report);
  const credentials = readCredentials(entry.proxyCredentials, entry.proxy, path, around, report);
  const proxy =
    entry.proxy === undefined
      ? network.proxyTo(origin)
      : entry.proxy === 'none'
        ? undefined
        : take(readProxy(entry.proxy, credentials, network.tls), [...path, 'proxy'], report);
  return tls === undefined && proxy === undefined ? undefined : { tls, proxy };
}

function resolveTls(given: Entry['tls'], path: KeyPath, network: Network, around: ConfigSurroundings, report: Report): EndpointTls | undefined {
  if (given === undefined) return network.tls;
  const { ca, cert, key, serverName } = given;
  const authorities = ca === undefined ? network.tls?.authorities : take(readCertificates(ca, around), [...path, 'ca'], report);
  if ((cert === undefined) !== (key === undefined)) {
    report([...path, cert === undefined ? 'key' : 'cert'], { what: 'stands alone', fix: `Give \`${cert === undefined ? 'cert' : 'key'}\` too.` });
    return undefined;
  }
  const certificate = cert === undefined ? undefined : take(readCertificates(cert, around), [...path, 'cert'], report);
  const privateKey =
    key === undefined || certificate === undefined ? undefined : take(readPrivateKey(key, certificate, around), [...path, 'key'], report);
  const client = certificate === undefined || privateKey === undefined ? undefined : { certificate, key: privateKey };
  return { authorities, client, serverName };
}

function readCredentials(
  reference: string | undefined,
  proxy: string | undefined,
  path: KeyPath,
  around: ConfigSurroundings,
  report: Report,
): string | undefined {
  if (reference === undefined) return undefined;
  const at = [...path, 'proxyCredentials'];
  if (proxy === undefined || proxy === 'none' || proxy === 'environment')
    report(at, { what: 'stands without the URL of a proxy', fix: 'Give the URL as `proxy`, or remove it.' });
  const credentials = take(readSecret(reference, around), at, report);
  if (credentials !== undefined && !credentials.includes(':')) report(at, { what: 'holds no colon', fix: 'Put `user:password` there.' });
  return credentials;
}

function readProxy(given: string, credentials: string | undefined, tls: EndpointTls | undefined): Result<ProxyAddress, AddressProblem> {
  const fix = 'Give a URL such as `http://proxy.example:3128`.';
  if (!URL.canParse(given)) return failure({ what: 'is not a URL', fix });
  const url = new URL(given);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return failure({ what: 'is neither an http nor an https proxy', fix });
  if (url.username !== '' || url.password !== '')
    return failure({ what: 'contains a user name or password', fix: 'Remove it and give them as `proxyCredentials: env:NAME`.' });
  if (url.pathname !== '/' || given.includes('?') || given.includes('#')) return failure({ what: 'contains more than scheme, host and port', fix });
  if (hostReach(url.hostname) === 'forbidden') return failure({ what: 'names a link-local, multicast or unspecified address', fix });
  const isSecure = url.protocol === 'https:';
  return success({ host: hostOf(url), port: portOf(url), isSecure, credentials, tls: isSecure ? tls : undefined });
}

/** By the variables that curl knows, in lower case before upper case; there credentials stand in the URL. */
function proxyOfEnvironment(
  exempt: readonly IsExempt[],
  tls: EndpointTls | undefined,
  around: ConfigSurroundings,
  report: Report,
): Network['proxyTo'] {
  const at = ['network', 'proxy'];
  const variable = (name: string): string => (around.env[name.toLowerCase()] ?? around.env[name] ?? '').trim();
  const read = (name: string): ProxyAddress | undefined => {
    const given = variable(name);
    if (given === '') return undefined;
    const written = given.includes('://') ? given : `http://${given}`;
    const url = URL.canParse(written) ? new URL(written) : undefined;
    const user = url === undefined || url.username === '' ? undefined : `${decoded(url.username)}:${decoded(url.password)}`;
    const proxy = readProxy(url === undefined ? written : `${url.protocol}//${url.host}`, user, tls);
    return take(proxy.ok ? proxy : failure({ ...proxy.failure, what: `the environment variable ${name} ${proxy.failure.what}` }), at, report);
  };
  const secure = read('HTTPS_PROXY');
  const plain = read('HTTP_PROXY');
  const more = variable('NO_PROXY')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const one = readNoProxy(entry);
      return (
        take(one.ok ? one : failure({ ...one.failure, what: `an entry of the environment variable NO_PROXY ${one.failure.what}` }), at, report) ?? []
      );
    });
  const isExempt = exemptBy([...exempt, ...more]);
  return (origin) => (isExempt(hostOf(origin), portOf(origin)) ? undefined : origin.protocol === 'https:' ? secure : plain);
}

/** What cannot be decoded is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf(url: URL): number {
  return Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
}
