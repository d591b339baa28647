import { connect, createServer as createPlainServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Identity } from './certificates.ts';

export interface ConnectProxy {
  readonly port: number;
  /** The heads of all requests, as they came. */
  readonly seen: readonly string[];
  /** Connections that stand now. */
  readonly open: () => number;
  readonly stop: () => Promise<void>;
}

export interface ProxyRules {
  /** Where a name leads: the proxy resolves names by itself. Anybody else is a 502. */
  readonly ports: Readonly<Record<string, number>>;
  /** What it answers instead of opening a tunnel, as raw bytes; `''` hangs, and `undefined` opens one. */
  readonly answer?: (head: string) => string | undefined;
  /** Over TLS itself. */
  readonly identity?: Identity;
}

/** A proxy that speaks `CONNECT` and nothing else, on loopback. */
export async function startConnectProxy({ ports, answer, identity }: ProxyRules): Promise<ConnectProxy> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const serve = (client: Socket): void => {
    keep(client).once('data', (bytes: Buffer) => {
      const head = bytes.toString('latin1');
      seen.push(head);
      const raw = answer?.(head);
      if (raw !== undefined) return raw === '' ? undefined : void client.end(raw, 'latin1');
      const name = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(head)?.[1] ?? '';
      const port = ports[name];
      if (port === undefined) return void client.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
      const target = keep(connect({ host: '127.0.0.1', port }));
      target.once('connect', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
      client.pipe(target).pipe(client);
      client.on('close', () => target.destroy());
      target.on('close', () => client.destroy());
    });
  };
  const server = identity === undefined ? createPlainServer(serve) : createTlsServer({ cert: identity.certificate, key: identity.key }, serve);
  const port = await listen(server);
  return {
    port,
    seen,
    open: () => sockets.size,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listen(server: ReturnType<typeof createPlainServer>): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(portOf(server.address()))));
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return address.port;
}
