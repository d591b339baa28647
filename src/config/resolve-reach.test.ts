import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { formatConfigProblem } from './config-problem.ts';
import { loadConfig } from './load-config.ts';
import { makeAuthority } from '../../test/support/certificates.ts';
import type { EndpointReach } from '../fleet/endpoint-reach.ts';

const authority = makeAuthority('Corporate');
const gateway = authority.issue(['gateway']);
const files: Readonly<Record<string, string>> = {
  'ca.pem': `subject=Corporate\n${authority.certificate}`,
  'client.pem': gateway.certificate,
  'client.key': gateway.key,
  'other.key': authority.issue(['other']).key,
  'broken.pem': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  'empty.pem': '\n',
};

function load(text: string, env: Readonly<Record<string, string>> = {}): ReturnType<typeof loadConfig> {
  return loadConfig('c.yaml', env, (path) => {
    if (path === 'c.yaml') return text;
    const file = Object.entries(files).find(([name]) => resolve(name) === path)?.[1];
    if (file === undefined) throw new Error('no such file');
    return file;
  });
}

function reachOf(text: string, env: Readonly<Record<string, string>> = {}): readonly (EndpointReach | undefined)[] {
  const loaded = load(text, env);
  if (!loaded.ok) throw new Error(loaded.failure.map(formatConfigProblem).join('\n'));
  return loaded.value.endpoints.map(({ reach }) => reach);
}

function problemsOf(text: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  const loaded = load(text, env);
  return loaded.ok ? [] : loaded.failure.map((problem) => formatConfigProblem(problem).replaceAll(`${resolve('.')}/`, ''));
}

const two = 'endpoints:\n  - {id: a, url: "https://a.example"}\n  - {id: b, url: "http://10.0.0.7:8000"}\n';
const proxy = { host: 'proxy.example', port: 3128, isSecure: false, credentials: undefined, tls: undefined };

test('without a word about it, endpoints are reached directly, whatever the environment says', () => {
  expect(reachOf(two, { HTTPS_PROXY: 'http://proxy.example:3128' })).toEqual([undefined, undefined]);
});

test('a proxy for all leaves out who is exempt, and an endpoint has the last word', () => {
  const of = (more: string): unknown =>
    reachOf(`network: {proxy: "http://proxy.example:3128"${more}}\n${two}  - {id: c, url: "https://c.example", proxy: none}\n`);
  expect(of('')).toEqual([{ tls: undefined, proxy }, { tls: undefined, proxy }, undefined]);
  expect(of(', noProxy: [10.0.0.0/8]')).toEqual([{ tls: undefined, proxy }, undefined, undefined]);
  expect(reachOf('endpoints: [{id: a, url: "https://a.example", proxy: "https://p.example", proxyCredentials: "env:P"}]\n', { P: 'u:p' })).toEqual([
    { tls: undefined, proxy: { host: 'p.example', port: 443, isSecure: true, credentials: 'u:p', tls: undefined } },
  ]);
});

test('the environment names the proxy only where the file says so', () => {
  const env = { HTTPS_PROXY: 'http://u%40x:p@proxy.example:3128', http_proxy: 'plain.example:8080', NO_PROXY: 'internal.example, 192.168.0.0/16' };
  const more = '  - {id: c, url: "https://x.internal.example"}\n';
  expect(reachOf(`network: {proxy: environment}\n${two}${more}`, env)).toEqual([
    { tls: undefined, proxy: { ...proxy, credentials: 'u@x:p' } },
    { tls: undefined, proxy: { ...proxy, host: 'plain.example', port: 8080 } },
    undefined,
  ]);
});

test('certificates are read from files; a private authority is the only one, and one of the network is one more', () => {
  const [own] = reachOf(
    'endpoints: [{id: a, url: "https://a.example", tls: {ca: ca.pem, cert: client.pem, key: client.key, serverName: inner.example}}]\n',
  );
  expect(own?.tls).toEqual({
    authorities: authority.certificate,
    client: { certificate: gateway.certificate, key: gateway.key },
    serverName: 'inner.example',
  });
  const [all] = reachOf(`network: {ca: ca.pem}\n${two}`);
  expect(all?.tls?.authorities).toContain(authority.certificate);
  expect(all?.tls?.authorities?.match(/BEGIN/g)?.length).toBeGreaterThan(50);
});

const one = (more: string): string => `endpoints: [{id: a, url: "https://a.example", ${more}}]\n`;

test.each<[string, string, Readonly<Record<string, string>>]>([
  [
    one('tls: {ca: none.pem}'),
    'endpoints[0].tls.ca: the file none.pem cannot be read. Create it, make it readable for this user, or correct the path.',
    {},
  ],
  [
    one('tls: {ca: empty.pem}'),
    'endpoints[0].tls.ca: the file empty.pem holds no certificate. Give a file in PEM form (`-----BEGIN CERTIFICATE-----`).',
    {},
  ],
  [
    one('tls: {ca: broken.pem}'),
    'endpoints[0].tls.ca: the file broken.pem holds a certificate that cannot be read. Give a file whose certificates are whole.',
    {},
  ],
  [one('tls: {cert: client.pem}'), 'endpoints[0].tls.cert: stands alone. Give `key` too.', {}],
  [
    one('tls: {cert: client.pem, key: other.key}'),
    'endpoints[0].tls.key: the private key in other.key is not that of the certificate. Give the key with which the certificate was made.',
    {},
  ],
  [
    one('tls: {cert: client.pem, key: ca.pem}'),
    'endpoints[0].tls.key: the file ca.pem holds no private key that can be read. Give one in PEM form that is not encrypted.',
    {},
  ],
  [one('proxy: "socks5://x"'), 'endpoints[0].proxy: is neither an http nor an https proxy. Give a URL such as `http://proxy.example:3128`.', {}],
  [
    one('proxy: "http://u:hidden@x"'),
    'endpoints[0].proxy: contains a user name or password. Remove it and give them as `proxyCredentials: env:NAME`.',
    {},
  ],
  [
    one('proxy: "http://x/path"'),
    'endpoints[0].proxy: contains more than scheme, host and port. Give a URL such as `http://proxy.example:3128`.',
    {},
  ],
  [
    one('proxyCredentials: "env:P"'),
    'endpoints[0].proxyCredentials: stands without the URL of a proxy. Give the URL as `proxy`, or remove it.',
    { P: 'u:p' },
  ],
  [one('proxy: "http://x", proxyCredentials: "env:P"'), 'endpoints[0].proxyCredentials: holds no colon. Put `user:password` there.', { P: 'up' }],
  [
    'network: {noProxy: ["a b"]}\n',
    'network.noProxy[0]: is neither a name nor an address nor a network. Give a name such as `.example.com`, an address, a network such as `10.0.0.0/8`, each with `:port` at will, or `*`.',
    {},
  ],
  [
    'network: {proxy: environment}\n',
    'network.proxy: the environment variable HTTPS_PROXY is neither an http nor an https proxy. Give a URL such as `http://proxy.example:3128`.',
    { HTTPS_PROXY: 'socks5://h:1' },
  ],
  [
    'endpoints:\n  - {id: a, url: "https://a.example", discover: {dns: a.example}}\n  - {id: a-10.0.0.1-443, url: "https://b.example"}\n',
    'endpoints[1].id: is what a replica of `a` could be called. Give another id.',
    {},
  ],
  [one('discover: {}'), 'endpoints[0].discover: says not where to look. Give one of `dns`, `srv` and `kubernetes`.', {}],
  [
    one('discover: {srv: _x._tcp.y.example, port: 80}'),
    'endpoints[0].discover.port: is told by the records themselves. Remove it; for Kubernetes, give `kubernetes.port`.',
    {},
  ],
  [
    one('key: "env:K", keys: [{name: n, key: "env:K"}]'),
    'endpoints[0].key: stands beside `keys`. Move it to `keys`, or remove one of the two.',
    { K: 'k' },
  ],
  [
    one('keys: [{name: n, key: "env:K"}, {name: n, key: "env:K"}]'),
    'endpoints[0].keys[1].name: keys[0] has the same name. Give each key a name of its own.',
    { K: 'k' },
  ],
])('%s is refused with what to do', (text, line, env) => {
  expect(problemsOf(text, env).map((problem) => problem.replace(/^c\.yaml:\d+:\d+: /, ''))).toEqual([line]);
});
