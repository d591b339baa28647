import { createServer as createPlainServer, isIP, type AddressInfo, type OnReadOpts, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSocketBy, type ConnectTarget, type OpenSocket } from './open-socket.ts';
import { classifyTransportError } from './classify-transport-error.ts';
import { isAllowedAddress } from '../config/host-reach.ts';
import { makeAuthority } from '../../test/support/certificates.ts';
import { startConnectProxy, type ProxyRules } from '../../test/support/connect-proxy.ts';
import { systemClock } from '../std/clock.ts';
import type { EndpointReach, EndpointTls } from '../fleet/endpoint-reach.ts';
import { NameLookup, type ResolveName } from './name-lookup.ts';
import type { OpenedSocket } from './opening.ts';
import type { Result } from '../std/result.ts';

const authority = makeAuthority('Test authority');
const server = authority.issue(['api.example', '127.0.0.1']);
const trusting: EndpointTls = { authorities: authority.certificate, client: undefined, serverName: undefined };

/** Says who came, and then repeats whatever it hears. */
function greet(socket: Socket): void {
  socket.on('error', () => {});
  socket.pipe(socket);
}

async function listening(made: Server, path?: string): Promise<number> {
  const sockets = new Set<Socket>();
  made.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => (path === undefined ? made.listen(0, '127.0.0.1', resolve) : made.listen(path, resolve)));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => made.close(resolve));
  });
  return portOf(made.address());
}

function portOf(address: AddressInfo | string | null): number {
  return address === null || typeof address === 'string' ? 0 : address.port;
}

function tlsEcho(options: TlsOptions = {}): Promise<number> {
  const made = createTlsServer({ cert: server.certificate, key: server.key, ALPNProtocols: ['h2', 'http/1.1'], ...options }, greet);
  made.on('tlsClientError', () => {});
  return listening(made);
}

async function proxy(rules: ProxyRules): Promise<Awaited<ReturnType<typeof startConnectProxy>>> {
  const started = await startConnectProxy(rules);
  onTestFinished(started.stop);
  return started;
}

/** Every name leads to this machine, unless a test says otherwise. */
const toLoopback: ResolveName = (_hostname, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);

function opener(resolve: ResolveName = toLoopback, connectTimeoutMs = 2000): OpenSocket {
  const rules = { connectTimeoutMs, isAllowedAddress };
  return openSocketBy(rules, new NameLookup(resolve, systemClock), systemClock);
}

function openedBy(open: OpenSocket, to: ConnectTarget, onread?: OnReadOpts): Promise<Result<OpenedSocket, Error>> {
  return new Promise((resolve) => void open(to, onread, resolve));
}

function target(origin: string, reach: Partial<EndpointReach> = {}, allowPrivate = true): ConnectTarget {
  return { id: 'one', address: { kind: 'url', origin, basePath: '/v1' }, allowPrivate, reach: { tls: undefined, proxy: undefined, ...reach } };
}

function via(port: number, more: Partial<NonNullable<EndpointReach['proxy']>> = {}): Pick<EndpointReach, 'proxy'> {
  return { proxy: { host: '127.0.0.1', port, isSecure: false, credentials: undefined, tls: undefined, ...more } };
}

/** The code with which opening failed, or the connected socket. */
async function opened(open: OpenSocket, to: ConnectTarget): Promise<Socket | string> {
  const ended = await openedBy(open, to);
  if (!ended.ok) return 'code' in ended.failure ? String(ended.failure.code) : ended.failure.message;
  const { socket } = ended.value;
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function echo(socket: Socket | string, said = 'hello'): Promise<string> {
  if (typeof socket === 'string') return socket;
  socket.write(said);
  return new Promise((resolve) => {
    socket.once('data', (heard) => resolve(String(heard)));
    socket.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    socket.once('close', () => resolve('closed'));
  });
}

test('a Unix socket, a port and a TLS port are each opened', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'opener-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const socketPath = join(folder, 's');
  await listening(createPlainServer(greet), socketPath);
  expect(await echo(await opened(opener(), { ...target(''), address: { kind: 'socket', socketPath, basePath: '/v1' } }))).toBe('hello');
  const port = await listening(createPlainServer(greet));
  expect(await echo(await opened(opener(), target(`http://api.example:${port}`)))).toBe('hello');
  const secure = await opened(opener(), target(`https://api.example:${await tlsEcho()}`, { tls: trusting }));
  expect(secure).toMatchObject({ alpnProtocol: 'http/1.1', authorized: true });
  expect(await echo(secure)).toBe('hello');
});

test('a second connection to the same endpoint goes on with the session of the first', async () => {
  const from = opener();
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const to = { ...target(`https://api.example:${await tlsEcho({ maxVersion: version })}`, { tls: trusting }), id: version };
    const first = await opened(from, to);
    expect(await echo(first)).toBe('hello');
    const second = await opened(from, to);
    expect(await echo(second)).toBe('hello');
    expect(second instanceof TLSSocket && second.isSessionReused()).toBe(true);
  }
});

test.each<[string, string, readonly string[], number, EndpointTls | undefined, string]>([
  ['an authority that nobody named', 'api.example', ['api.example'], 2049, undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  [
    'another authority than the one named',
    'api.example',
    ['api.example'],
    2049,
    { ...trusting, authorities: makeAuthority('Other').certificate },
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
  ['an expired certificate', 'api.example', ['api.example'], 2021, trusting, 'CERT_HAS_EXPIRED'],
  ['another name', 'api.example', ['other.example'], 2049, trusting, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [
    'another name than the one asked for',
    'api.example',
    ['api.example'],
    2049,
    { ...trusting, serverName: 'inner.example' },
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  ['another address', '127.0.0.1', ['127.0.0.2'], 2049, trusting, 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('%s is refused, and no request succeeds until somebody acts', async (_what, host, names, untilYear, tls, code) => {
  const { certificate: cert, key } = authority.issue(names, untilYear);
  const ended = await openedBy(opener(), target(`https://${host}:${await tlsEcho({ cert, key })}`, { tls }));
  expect(ended).toMatchObject({ ok: false, failure: { code } });
  if (!ended.ok)
    expect(classifyTransportError(ended.failure, false)).toMatchObject({ fault: { code: 'upstream_tls_error' }, health: { kind: 'unusable' } });
});

test('an address is reached by its own certificate, and a name by the one that the configuration gives', async () => {
  expect(await echo(await opened(opener(), target(`https://127.0.0.1:${await tlsEcho()}`, { tls: trusting })))).toBe('hello');
  const { certificate: cert, key } = authority.issue(['inner.example']);
  const to = target(`https://10.0.0.7.example:${await tlsEcho({ cert, key })}`, { tls: { ...trusting, serverName: 'inner.example' } });
  expect(await echo(await opened(opener(), to))).toBe('hello');
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'over %s, an endpoint that asks who is there lets the right certificate through, and no other',
  async (version) => {
    const clients = makeAuthority('Clients');
    const port = await tlsEcho({ requestCert: true, rejectUnauthorized: true, ca: clients.certificate, minVersion: version, maxVersion: version });
    const origin = `https://api.example:${port}`;
    expect(await echo(await opened(opener(), target(origin, { tls: { ...trusting, client: clients.issue(['gateway']) } })))).toBe('hello');
    const withClient = (client: EndpointTls['client']): ConnectTarget => target(origin, { tls: { ...trusting, client } });
    const anonymous = await echo(await opened(opener(), withClient(undefined)));
    expect(anonymous).toMatch(version === 'TLSv1.2' ? /ALERT_HANDSHAKE_FAILURE$/ : /ALERT_CERTIFICATE_REQUIRED$/);
    // Of a stranger's certificate Node's server says nothing and hangs up; in TLS 1.3 after the client's side is done.
    const stranger = await echo(await opened(opener(), withClient(makeAuthority('Strangers').issue(['gateway']))));
    expect(version === 'TLSv1.2' ? ['HANDSHAKE_LOST'] : ['ECONNRESET', 'closed']).toContain(stranger);
  },
);

test('S20: an environment variable does not turn verification off', async () => {
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  onTestFinished(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  });
  expect(await opened(opener(), target(`https://api.example:${await tlsEcho()}`))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

test('S10: a name that comes to point inside is refused at the moment of connecting, and so is an inner address', async () => {
  const port = await listening(createPlainServer(greet));
  let answers = [['203.0.113.7'], ['127.0.0.1'], ['203.0.113.7', '127.0.0.1']];
  const rebinding: ResolveName = (_hostname, _options, callback) => {
    const [next = [], ...rest] = answers;
    answers = rest;
    callback(
      null,
      next.map((address) => ({ address, family: 4 })),
    );
  };
  const from = opener(rebinding, 100);
  const to = target(`http://api.example:${port}`, {}, false);
  // 203.0.113.0/24 is for documentation (RFC 5737): nothing answers there.
  expect(await opened(from, to)).not.toBe('ADDRESS_NOT_ALLOWED');
  expect(await opened(from, to)).toBe('ADDRESS_NOT_ALLOWED');
  expect(await opened(from, to)).toBe('ADDRESS_NOT_ALLOWED');
  expect(await opened(opener(), target(`http://127.0.0.1:${port}`, {}, false))).toBe('ADDRESS_NOT_ALLOWED');
});

test.each(['169.254.169.254', '100.100.100.200', '0.0.0.0', '64:ff9b::169.254.169.254', 'fe80::1'])(
  'S10: %s is connected to by nobody, not even by an endpoint that may have private addresses, whatever name leads there',
  async (address) => {
    const inside: ResolveName = (_hostname, _options, callback) => callback(null, [{ address, family: isIP(address) }]);
    expect(await opened(opener(inside), target('http://api.example:1'))).toBe('ADDRESS_NOT_ALLOWED');
    const literal = isIP(address) === 6 ? `[${address}]` : address;
    expect(await opened(opener(), target(`http://${literal}:1`))).toBe('ADDRESS_NOT_ALLOWED');
    expect(await opened(opener(inside), target('http://api.example', via(1, { host: 'proxy.example' })))).toBe('PROXY_UNREACHABLE');
  },
);

test('whoever accepts and says nothing, and whoever is not wanted any more, is left', async () => {
  const port = await listening(createPlainServer(() => {}));
  const to = target(`https://api.example:${port}`, { tls: trusting });
  const ended = await openedBy(opener(toLoopback, 50), to);
  expect(ended).toMatchObject({ ok: false, failure: { code: 'CONNECT_TIMEOUT' } });
  if (!ended.ok) expect(classifyTransportError(ended.failure, false)).toMatchObject({ class: 'not-sent', fault: { code: 'upstream_timeout' } });
  const heard: unknown[] = [];
  const giveUp = opener(toLoopback, 50)(to, undefined, (told) => heard.push(told));
  giveUp();
  await openedBy(opener(toLoopback, 100), to);
  expect(heard).toEqual([]);
});

test('a proxy opens the way to plain and to secure endpoints, resolves their names itself, and is told its credentials', async () => {
  const ports = { 'plain.example:80': await listening(createPlainServer(greet)), 'api.example:443': await tlsEcho() };
  const between = await proxy({ ports });
  const from = opener((_hostname, _options, callback) => callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []));
  expect(await echo(await opened(from, target('http://plain.example', via(between.port), false)))).toBe('hello');
  const secure = await opened(from, target('https://api.example', { ...via(between.port, { credentials: 'user:pass word' }), tls: trusting }, false));
  expect(secure).toMatchObject({ alpnProtocol: 'http/1.1', authorized: true });
  expect(await echo(secure)).toBe('hello');
  expect(between.seen).toEqual([
    'CONNECT plain.example:80 HTTP/1.1\r\nhost: plain.example:80\r\n\r\n',
    'CONNECT api.example:443 HTTP/1.1\r\nhost: api.example:443\r\nproxy-authorization: Basic dXNlcjpwYXNzIHdvcmQ=\r\n\r\n',
  ]);
  expect(await opened(from, target('http://10.0.0.1', via(between.port), false))).toBe('ADDRESS_NOT_ALLOWED');
});

test('a proxy may itself be spoken to over TLS, and its certificate is judged like any other', async () => {
  const ports = { 'plain.example:80': await listening(createPlainServer(greet)), 'api.example:443': await tlsEcho() };
  const between = await proxy({ ports, identity: authority.issue(['127.0.0.1']) });
  const secure = via(between.port, { isSecure: true, tls: trusting });
  expect(await echo(await opened(opener(), target('http://plain.example', secure)))).toBe('hello');
  expect(await echo(await opened(opener(), target('https://api.example', { ...secure, tls: trusting })))).toBe('hello');
  expect(await opened(opener(), target('http://plain.example', via(between.port, { isSecure: true })))).toBe('PROXY_UNREACHABLE');
});

test.each<[string, string, string, string]>([
  ['wants other credentials', 'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n', 'PROXY_FORBIDDEN', 'unusable'],
  ['forbids the endpoint', 'HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno', 'PROXY_FORBIDDEN', 'unusable'],
  ['cannot reach the endpoint', 'HTTP/1.0 502 Bad Gateway\r\n\r\n', 'PROXY_REFUSED', 'failure'],
  ['sends it elsewhere', 'HTTP/1.1 302 Found\r\nlocation: http://x.example\r\n\r\n', 'PROXY_REFUSED', 'failure'],
  ['answers more than a tunnel', 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 'PROXY_MALFORMED', 'failure'],
  ['answers an endless head', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(4000)}`, 'PROXY_MALFORMED', 'failure'],
  ['answers another protocol', 'SSH-2.0-x\r\n', 'PROXY_MALFORMED', 'failure'],
  ['answers with a header that is none', 'HTTP/1.1 200 OK\r\nx : y\r\n\r\n', 'PROXY_MALFORMED', 'failure'],
  ['answers half a head', 'HTTP/1.1 200 O', 'PROXY_MALFORMED', 'failure'],
  ['says nothing', '', 'CONNECT_TIMEOUT', 'failure'],
])('a proxy that %s is named as the cause', async (_what, raw, code, health) => {
  const between = await proxy({ ports: {}, answer: () => raw });
  const ended = await openedBy(opener(toLoopback, raw === '' ? 50 : 2000), target('https://api.example', via(between.port)));
  expect(ended).toMatchObject({ ok: false, failure: { code } });
  if (ended.ok) return;
  expect(ended.failure.message).toContain('proxy');
  expect(classifyTransportError(ended.failure, false)).toMatchObject({ class: 'not-sent', health: { kind: health } });
});

test('a proxy that nobody listens on is named as the cause, and an endpoint’s bad certificate behind one as its own', async () => {
  const gone = await startConnectProxy({ ports: {} });
  await gone.stop();
  expect(await opened(opener(), target('https://api.example', via(gone.port)))).toBe('PROXY_UNREACHABLE');
  const between = await proxy({ ports: { 'api.example:443': await tlsEcho() } });
  expect(await opened(opener(), target('https://api.example', via(between.port)))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

test('a direct connection reads past the stream where that is asked for, and one through a proxy says that it does not', async () => {
  const plain = await listening(createPlainServer(greet));
  const secure = await tlsEcho();
  const between = await proxy({ ports: { 'api.example:443': secure } });
  for (const to of [target(`http://api.example:${plain}`), target(`https://api.example:${secure}`, { tls: trusting })]) {
    const said = new Promise<string>((resolve) => {
      const buffer = Buffer.alloc(1024);
      const callback = (count: number): boolean => {
        resolve(buffer.toString('latin1', 0, count));
        return true;
      };
      void openedBy(opener(), to, { buffer, callback }).then((ended) => {
        if (!ended.ok) return resolve(ended.failure.message);
        onTestFinished(() => void ended.value.socket.destroy());
        expect(ended.value.readsByCallback).toBe(true);
        ended.value.socket.write('hello');
      });
    });
    expect(await said).toBe('hello');
  }
  const through = await openedBy(opener(), target('https://api.example', { ...via(between.port), tls: trusting }), {
    buffer: Buffer.alloc(8),
    callback: () => true,
  });
  expect(through).toMatchObject({ ok: true, value: { readsByCallback: false } });
  if (through.ok) expect(await echo(through.value.socket)).toBe('hello');
});
