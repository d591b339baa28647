import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import { readListenTls, type ListenTlsFiles } from '../config/read-listen-tls.ts';
import { StartProblem } from './start-problem.ts';
import type { Config } from '../config/config-schema.ts';

export interface TlsListener {
  /** Not listening yet. */
  readonly server: Server;
  /** Reads the files again now. */
  readonly reload: () => void;
  /** Accepts nobody any more; connections that stand are left alone. */
  readonly stop: () => void;
}

/** A client that has not done its part by then holds a socket for nothing. */
const handshakeTimeoutMs = 10_000;
/** Looked at this often: mounted secrets are swapped by a link above them, which a watch on a file does not see. */
const lookEveryMs = 2000;

type Files = NonNullable<Config['listen']['tls']>;

/**
 * Listens over TLS for whoever serves plain connections. Its files are read again when they changed; connections that
 * stand go on with the certificate that they began with, and bad files change nothing but are told of.
 */
export function tlsListener(files: Files, accept: (socket: TLSSocket) => void, say: (message: string) => void, everyMs = lookEveryMs): TlsListener {
  const paths = [files.cert, files.key, ...(files.clientCa === undefined ? [] : [files.clientCa])];
  const first = read(files);
  if (typeof first === 'string') throw new StartProblem(`The certificate to listen with cannot be used: ${first}`);
  let current = first;
  const carriers = new Map<string, Socket>();
  const server = createServer(
    {
      ...contextOf(first),
      ALPNProtocols: ['http/1.1'],
      requestCert: first.ca !== undefined,
      rejectUnauthorized: first.ca !== undefined,
      handshakeTimeout: handshakeTimeoutMs,
    },
    (socket) => {
      socket.setNoDelay(true);
      accept(withReset(socket, carriers.get(peerOf(socket))));
    },
  );
  server.on('connection', (carrier: Socket) => {
    const peer = peerOf(carrier);
    carriers.set(peer, carrier);
    carrier.once('close', () => carriers.delete(peer));
  });
  // Strangers and scanners, whose socket is closed already.
  server.on('tlsClientError', () => {});
  const reload = (): void => {
    const next = read(files);
    if (typeof next === 'string') return say(`the certificate to listen with was not renewed, and the old one stays: ${next}`);
    if (next.cert === current.cert && next.key === current.key && next.ca === current.ca) return;
    current = next;
    server.setSecureContext(contextOf(next));
    say('new connections get the renewed certificate.');
  };
  for (const path of paths) watchFile(path, { interval: everyMs, persistent: false }, reload);
  return {
    server,
    reload,
    stop: () => {
      for (const path of paths) unwatchFile(path, reload);
      if (server.listening) server.close();
    },
  };
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}

/** A TLS socket knows no reset of its own, by which a broken answer is told from a whole one: its TCP connection does. */
function withReset(socket: TLSSocket, carrier: Socket | undefined): TLSSocket {
  return Object.assign(socket, {
    resetAndDestroy: (): TLSSocket => {
      carrier?.resetAndDestroy();
      return socket.destroy();
    },
  });
}

function contextOf({ cert, key, ca }: ListenTlsFiles): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) };
}

/** The files, or in a sentence what is wrong with them. */
function read(files: Files): ListenTlsFiles | string {
  const problems: string[] = [];
  const around = { readFile: (path: string) => readFileSync(path, 'utf8'), resolvePath: (path: string) => path };
  const found = readListenTls('listen', files, around, (_path, { what, fix }) => problems.push(`${what}. ${fix}`));
  return found ?? problems.join(' ');
}
