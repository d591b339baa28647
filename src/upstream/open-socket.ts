import { connect as connectPlain, isIP, type LookupFunction, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { ConnectError, Opening, type Opened } from './opening.ts';
import { openTunnel, ProxyError } from './open-tunnel.ts';
import { TlsMemory } from './tls-memory.ts';
import type { Clock } from '../std/clock.ts';
import type { NameLookup } from './name-lookup.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { EndpointTls, ProxyAddress } from '../fleet/endpoint-reach.ts';

export type ConnectTarget = Pick<Endpoint, 'id' | 'address' | 'allowPrivate' | 'reach'>;

/** Opens a connection to an endpoint and tells how that ended, unless the returned function gave it up before. */
export type OpenSocket = (target: ConnectTarget, onread: OnReadOpts | undefined, done: Opened) => () => void;

export interface OpenRules {
  readonly connectTimeoutMs: number;
  /** Whether an address may be connected to by an endpoint that is, or is not, allowed private ones. */
  readonly isAllowedAddress: (address: string, allowPrivate: boolean) => boolean;
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

/** Where a TLS handshake takes place: on a new connection, or within a tunnel. */
type Way = Pick<Place, 'host' | 'port'> & ({ readonly lookup: LookupFunction; readonly onread?: OnReadOpts } | { readonly socket: Socket });

/** Before the probes of an idle connection, so that one whose peer vanished is found. */
const socketDefaults = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

/**
 * Opens connections to endpoints: over a Unix socket, directly, or through a proxy; over TLS wherever the address says
 * so. Certificates are always verified, and the address that is really connected to must be one that is allowed.
 */
export function openSocketBy(rules: OpenRules, names: NameLookup, clock: Clock): OpenSocket {
  const opener = new SocketOpener(rules, names);
  return (target, onread, done) => {
    const opening = new Opening(clock, rules.connectTimeoutMs, done);
    opener.open(opening, target, onread === undefined ? {} : { onread });
    return () => opening.giveUp();
  };
}

class SocketOpener {
  readonly #rules: OpenRules;
  readonly #names: NameLookup;
  readonly #tls = new TlsMemory();

  constructor(rules: OpenRules, names: NameLookup) {
    this.#rules = rules;
    this.#names = names;
  }

  open(opening: Opening, target: ConnectTarget, reading: { readonly onread?: OnReadOpts }): void {
    const { address, reach } = target;
    const readsByCallback = reading.onread !== undefined;
    if (address.kind === 'socket') {
      const socket = connectPlain({ ...socketDefaults, path: address.socketPath, ...reading });
      return opening.once(socket, 'connect', () => opening.succeed({ socket, readsByCallback }));
    }
    const place = placeOf(address.origin);
    const isAllowed = (given: string): boolean => this.#rules.isAllowedAddress(given, target.allowPrivate);
    // An address needs no lookup, which would have asked the same.
    if (isIP(place.host) !== 0 && !isAllowed(place.host))
      return queueMicrotask(() => opening.fail(new ConnectError('ADDRESS_NOT_ALLOWED', 'its address is not allowed')));
    if (reach?.proxy !== undefined) return this.#throughProxy(opening, target, place, reach.proxy);
    const way = { host: place.host, port: place.port, lookup: this.#names.forAllowed(isAllowed), ...reading };
    const socket = place.isSecure ? this.#secured(way, target.id, reach?.tls) : connectPlain({ ...socketDefaults, ...way });
    const ready = (): void => opening.succeed({ socket, readsByCallback });
    opening.once(socket, place.isSecure ? 'secureConnect' : 'connect', ready, lostHandshake);
  }

  /** The proxy resolves the endpoint's name, out of reach of the rule for addresses; its own rules hold there. */
  #throughProxy(opening: Opening, { id, reach }: ConnectTarget, place: Place, proxy: ProxyAddress): void {
    opening.waitsFor = 'the proxy';
    // Whoever wrote the proxy into the configuration meant its address, so it may be a private one.
    const way = { host: proxy.host, port: proxy.port, lookup: this.#names.forAllowed((address) => this.#rules.isAllowedAddress(address, true)) };
    const socket = proxy.isSecure ? this.#secured(way, `proxy ${proxy.host}:${proxy.port}`, proxy.tls) : connectPlain({ ...socketDefaults, ...way });
    const tunnelled = (fault?: ProxyError): void => {
      if (fault !== undefined) return opening.fail(fault);
      opening.waitsFor = 'the endpoint behind the proxy';
      if (!place.isSecure) return opening.succeed({ socket, readsByCallback: false });
      const inner = this.#secured({ host: place.host, port: place.port, socket }, id, reach?.tls);
      opening.once(inner, 'secureConnect', () => opening.succeed({ socket: inner, readsByCallback: false }), lostHandshake);
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
