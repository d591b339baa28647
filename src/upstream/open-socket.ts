import { connect as connectPlain, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { NameLookup } from './name-lookup.ts';
import { failure, success, type Result } from '../std/result.ts';
import type { Clock } from '../std/clock.ts';

export interface OpenedSocket {
  readonly socket: Socket;
  /** Whether what it reads goes to the `onread` that was asked for, rather than to `data` events. */
  readonly readsByCallback: boolean;
}

/** Opens a connection to an endpoint and tells how that ended, unless the returned function gave it up before. */
export type OpenSocket = (endpoint: Endpoint, onread: OnReadOpts, done: (opened: Result<OpenedSocket, Error>) => void) => () => void;

export interface OpenRules {
  readonly connectTimeoutMs: number;
  readonly isPublicAddress: (address: string) => boolean;
}

class ConnectTimeoutError extends Error {
  readonly code = 'CONNECT_TIMEOUT';
}

export function openSocketBy(rules: OpenRules, names: NameLookup, clock: Clock): OpenSocket {
  return (endpoint, onread, done) => {
    const { address } = endpoint;
    const lookup = names.forAllowed(endpoint.allowPrivate ? () => true : rules.isPublicAddress);
    const socket =
      address.kind === 'socket' ? connectPlain({ path: address.socketPath, onread }) : connectTo(new URL(address.origin), lookup, onread);
    let over = false;
    const settle = (opened: Result<OpenedSocket, Error>): void => {
      if (over) return;
      over = true;
      cancel();
      socket.removeAllListeners('error');
      if (!opened.ok) {
        socket.on('error', () => {});
        socket.destroy();
      }
      done(opened);
    };
    const cancel = clock.after(rules.connectTimeoutMs, () => settle(failure(new ConnectTimeoutError('no connection within the time allowed'))));
    socket.once('error', (error) => settle(failure(error)));
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () =>
      settle(success({ socket, readsByCallback: !(socket instanceof TLSSocket) })),
    );
    return () => {
      if (over) return;
      over = true;
      cancel();
      socket.on('error', () => {});
      socket.destroy();
    };
  };
}

function connectTo(origin: URL, lookup: ReturnType<NameLookup['forAllowed']>, onread: OnReadOpts): Socket {
  const host = origin.hostname.replace(/^\[(.*)\]$/, '$1');
  if (origin.protocol === 'http:') return connectPlain({ host, port: Number(origin.port || 80), lookup, onread });
  return connectTls({ host, port: Number(origin.port || 443), lookup, servername: host, ALPNProtocols: ['http/1.1'] });
}
