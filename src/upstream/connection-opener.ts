import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { ConnectError, Opening, type OpeningConnection } from './opening.ts';
import { NameLookup, type ResolveName } from './name-lookup.ts';
import { openTunnel, ProxyError } from './open-tunnel.ts';
import { TlsMemory } from './tls-memory.ts';
import type { Clock } from '../std/clock.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { EndpointTls, ProxyAddress } from '../fleet/endpoint-reach.ts';

export type ConnectTarget = Pick<Endpoint, 'id' | 'address' | 'allowPrivate' | 'reach'>;

export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  /** Whether an address may be connected to by an endpoint that is not allowed private ones. */
  readonly isPublicAddress: (address: string) => boolean;
}

/**
 * Reads past the stream's own buffer: `callback` hears every read, in `buffer` or (through a proxy) in one of its own,
 * and pauses the socket by returning false. `data` is not for the caller then, and `resume()` goes on.
 */
export interface OnRead {
  readonly buffer: Uint8Array;
  readonly callback: (bytesRead: number, buffer: Uint8Array) => boolean;
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

/** Where a TLS handshake takes place: on a new connection, or within a tunnel. */
type Way = Pick<Place, 'host' | 'port'> & ({ readonly lookup: LookupFunction; readonly onread?: OnRead } | { readonly socket: Socket });

/** Before the probes of an idle connection, so that one whose peer vanished is found. */
const socketDefaults = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

/**
 * Opens connections to endpoints: over a Unix socket, directly, or through a proxy; over TLS wherever the address says
 * so. Certificates are always verified, and the address that is really connected to must be one that is allowed.
 */
export class ConnectionOpener {
  readonly #limits: ConnectionLimits;
  readonly #clock: Clock;
  readonly #names: NameLookup;
  readonly #tls = new TlsMemory();

  constructor(limits: ConnectionLimits, resolve: ResolveName, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#names = new NameLookup(resolve, clock);
  }

  open(target: ConnectTarget, onread?: OnRead): OpeningConnection {
    const opening = new Opening(this.#clock, this.#limits.connectTimeoutMs);
    const { address, reach } = target;
    const reading = onread === undefined ? {} : { onread };
    if (address.kind === 'socket') {
      const socket = connectPlain({ ...socketDefaults, path: address.socketPath, ...reading });
      opening.once(socket, 'connect', () => opening.succeed(socket));
      return opening;
    }
    const place = placeOf(address.origin);
    const isAllowed = target.allowPrivate ? (): boolean => true : this.#limits.isPublicAddress;
    // An address needs no lookup, which would have asked the same.
    if (isIP(place.host) !== 0 && !isAllowed(place.host)) opening.fail(new ConnectError('ADDRESS_NOT_ALLOWED', 'its address is not allowed'));
    else if (reach?.proxy !== undefined) this.#throughProxy(opening, target, place, reach.proxy, onread);
    else {
      const way = { host: place.host, port: place.port, lookup: this.#names.forAllowed(isAllowed), ...reading };
      const socket = place.isSecure ? this.#secured(way, target.id, reach?.tls) : connectPlain({ ...socketDefaults, ...way });
      opening.once(socket, place.isSecure ? 'secureConnect' : 'connect', () => opening.succeed(socket), lostHandshake);
    }
    return opening;
  }

  #throughProxy(opening: Opening, { id, reach }: ConnectTarget, place: Place, proxy: ProxyAddress, onread: OnRead | undefined): void {
    opening.waitsFor = 'the proxy';
    // Whoever wrote the proxy into the configuration meant its address, so it may be a private one.
    const way = { host: proxy.host, port: proxy.port, lookup: this.#names.forAllowed(() => true) };
    const socket = proxy.isSecure ? this.#secured(way, `proxy ${proxy.host}:${proxy.port}`, proxy.tls) : connectPlain({ ...socketDefaults, ...way });
    const tunnelled = (fault?: ProxyError): void => {
      if (fault !== undefined) return opening.fail(fault);
      opening.waitsFor = 'the endpoint behind the proxy';
      const inner = place.isSecure ? this.#secured({ host: place.host, port: place.port, socket }, id, reach?.tls) : socket;
      const ready = (): void => {
        opening.succeed(inner);
        if (onread !== undefined) readInto(inner, onread);
      };
      if (inner === socket) ready();
      else opening.once(inner, 'secureConnect', ready, lostHandshake);
    };
    const authority = `${isIP(place.host) === 6 ? `[${place.host}]` : place.host}:${place.port}`;
    opening.once(
      socket,
      proxy.isSecure ? 'secureConnect' : 'connect',
      () => openTunnel(socket, authority, proxy, tunnelled),
      (error) => new ProxyError('PROXY_UNREACHABLE', error.message, error),
    );
  }

  /** `name` tells apart who may go on with whose sessions. */
  #secured(way: Way, name: string, tls: EndpointTls | undefined): TLSSocket {
    const serverName = tls?.serverName ?? way.host.replace(/\.$/, '');
    const sessionName = `${name} ${serverName}:${way.port}`;
    const session = this.#tls.session(sessionName);
    const socket = connectTls({
      ...socketDefaults,
      ...way,
      secureContext: this.#tls.context(tls),
      // Said outright, because an environment variable could turn it off otherwise.
      rejectUnauthorized: true,
      // An address is no server name (RFC 6066 section 3); the certificate is judged by `host` then.
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      ALPNProtocols: ['http/1.1'],
      ...(session === undefined ? {} : { session }),
    });
    this.#tls.keepFrom(socket, sessionName);
    socket.once('error', () => this.#tls.forget(sessionName));
    return socket;
  }
}

function placeOf(origin: string): Place {
  const { protocol, hostname, port } = new URL(origin);
  const isSecure = protocol === 'https:';
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port === '' ? (isSecure ? 443 : 80) : port), isSecure };
}

/** A reset before the connection stood came before any request, which a bare `ECONNRESET` would leave open. */
function lostHandshake(error: Error): Error {
  const isReset = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE') && !('syscall' in error && error.syscall === 'connect');
  return isReset ? new ConnectError('HANDSHAKE_LOST', 'it ended the connection within the TLS handshake') : error;
}

/** Reads a socket that others have read before, as `onread` would. */
function readInto(socket: Socket, { callback }: OnRead): void {
  socket.on('data', (part: Uint8Array) => {
    if (!callback(part.length, part)) socket.pause();
  });
}
