import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { listenOn } from './listen-on.ts';
import { makeAuthority, type Identity } from '../../test/support/certificates.ts';
import { StartProblem } from './start-problem.ts';
import { tlsListener, type TlsListener } from './tls-listener.ts';

const authority = makeAuthority('Test authority');

interface Listening {
  readonly listener: TlsListener;
  readonly said: string[];
  readonly port: number;
  readonly write: (name: 'cert' | 'key' | 'ca', text: string) => void;
  /** The next thing that the listener says. */
  readonly next: () => Promise<string>;
}

/** Repeats what it hears; `reset` breaks the connection. */
function serve(socket: TLSSocket): void {
  socket.on('error', () => {});
  socket.on('data', (heard: Buffer) => (String(heard) === 'reset' ? socket.resetAndDestroy() : socket.write(heard)));
}

/** A listener that repeats what it hears, with its files in a folder of its own. */
async function listening(identity: Identity, options: { readonly clientCa?: string; readonly everyMs?: number } = {}): Promise<Listening> {
  const folder = mkdtempSync(join(tmpdir(), 'listener-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = { cert: join(folder, 'cert'), key: join(folder, 'key'), ...(options.clientCa === undefined ? {} : { clientCa: join(folder, 'ca') }) };
  const write = (name: 'cert' | 'key' | 'ca', text: string): void => {
    writeFileSync(join(folder, 'new'), text);
    renameSync(join(folder, 'new'), join(folder, name));
  };
  write('cert', identity.certificate);
  write('key', identity.key);
  if (options.clientCa !== undefined) write('ca', options.clientCa);
  const said: string[] = [];
  let tell = (_message: string): void => {};
  const say = (message: string): void => {
    said.push(message);
    tell(message);
  };
  const listener = tlsListener(files, serve, say, options.everyMs ?? 1_000_000);
  const url = await listenOn(listener.server, { host: '127.0.0.1', port: 0, backlog: 64, scheme: 'https' });
  expect(url).toMatch(/^https:/);
  onTestFinished(listener.stop);
  const next = (): Promise<string> =>
    new Promise((resolve) => {
      tell = resolve;
    });
  return { listener, said, port: Number(new URL(url).port), write, next };
}

/** A connection that stands, or the code with which it did not. */
function connected(port: number, options: ConnectionOptions = {}): Promise<TLSSocket | string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'gateway.example', ca: authority.certificate, ...options });
    onTestFinished(() => void socket.destroy());
    socket.once('secureConnect', () => resolve(socket));
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  });
}

async function echo(socket: TLSSocket | string, said: string): Promise<string> {
  if (typeof socket === 'string') return socket;
  socket.write(said);
  return new Promise((resolve) => {
    socket.once('data', (heard) => resolve(String(heard)));
    socket.once('close', () => resolve('closed'));
  });
}

function serialOf(socket: TLSSocket | string): string {
  return typeof socket === 'string' ? socket : (socket.getPeerX509Certificate()?.serialNumber ?? 'none');
}

test('S20: renewed files serve new connections, and those that stand are not disturbed', async () => {
  const { listener, said, port, write } = await listening(authority.issue(['gateway.example']));
  const old = await connected(port);
  expect(await echo(old, 'before')).toBe('before');
  const renewed = authority.issue(['gateway.example']);
  write('cert', renewed.certificate);
  listener.reload();
  expect(said).toEqual([expect.stringContaining('is not that of the certificate')]);
  expect(serialOf(await connected(port))).toBe(serialOf(old));
  write('key', renewed.key);
  listener.reload();
  listener.reload();
  expect(said.slice(1)).toEqual(['new connections get the renewed certificate.']);
  const fresh = await connected(port);
  expect(serialOf(fresh)).not.toBe(serialOf(old));
  expect(await echo(fresh, 'after')).toBe('after');
  expect(await echo(old, 'still')).toBe('still');
});

test('a change of the files is found without being told', async () => {
  const { port, write, next } = await listening(authority.issue(['gateway.example']), { everyMs: 10 });
  const old = serialOf(await connected(port));
  const bad = next();
  write('cert', 'nothing');
  expect(await bad).toMatch(/the old one stays: the file .*cert holds no certificate/);
  expect(serialOf(await connected(port))).toBe(old);
  const renewed = authority.issue(['gateway.example']);
  const second = next();
  write('cert', renewed.certificate);
  expect(await second).toMatch(/is not that of the certificate/);
  const good = next();
  write('key', renewed.key);
  expect(await good).toBe('new connections get the renewed certificate.');
  expect(serialOf(await connected(port))).not.toBe(old);
});

test('S20: with `clientCa`, only clients of that authority get through, and a renewed one holds for the next connection', async () => {
  const clients = makeAuthority('Clients');
  const { listener, port, write } = await listening(authority.issue(['gateway.example']), { clientCa: clients.certificate });
  const mine = clients.issue(['client']);
  const options = { cert: mine.certificate, key: mine.key };
  expect(await echo(await connected(port, options), 'hello')).toBe('hello');
  expect(await echo(await connected(port), 'hello')).not.toBe('hello');
  write('ca', makeAuthority('Others').certificate);
  listener.reload();
  expect(await echo(await connected(port, options), 'hello')).not.toBe('hello');
});

test('S20: nobody is spoken to in anything older than TLS 1.2, and nobody is told of another protocol than HTTP/1.1', async () => {
  const { port } = await listening(authority.issue(['gateway.example']));
  expect(await connected(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).toMatch(/^ERR_SSL|EPROTO/);
  expect(await connected(port, { maxVersion: 'TLSv1.2', ALPNProtocols: ['h2', 'http/1.1'] })).toMatchObject({ alpnProtocol: 'http/1.1' });
});

test('a connection that is broken on purpose is reset, as one without TLS would be', async () => {
  const { port } = await listening(authority.issue(['gateway.example']));
  const socket = await connected(port);
  if (typeof socket === 'string') throw new Error(socket);
  const ended = new Promise((resolve) => socket.once('error', resolve));
  socket.write('reset');
  expect(await ended).toMatchObject({ code: 'ECONNRESET' });
});

test('files that cannot be used when it starts are a problem in one sentence', () => {
  expect(() =>
    tlsListener(
      { cert: '/no/such', key: '/no/such' },
      () => {},
      () => {},
    ),
  ).toThrow(StartProblem);
});
