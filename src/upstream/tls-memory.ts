import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { EndpointTls } from '../fleet/endpoint-reach.ts';

/** More than any configuration has endpoints. */
const sessionsKept = 2000;
const ordinary = { authorities: undefined, client: undefined };

type Certificates = Pick<EndpointTls, 'authorities' | 'client'>;

/** What TLS connections leave behind for later ones: parsed certificates and sessions, so that handshakes are short. */
export class TlsMemory {
  readonly #contexts = new WeakMap<Certificates, SecureContext>();
  readonly #sessions = new Map<string, Buffer>();

  context(certificates: Certificates = ordinary): SecureContext {
    const known = this.#contexts.get(certificates);
    if (known !== undefined) return known;
    const { authorities, client } = certificates;
    const made = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(authorities === undefined ? {} : { ca: authorities }),
      ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
    });
    this.#contexts.set(certificates, made);
    return made;
  }

  session(name: string): Buffer | undefined {
    return this.#sessions.get(name);
  }

  forget(name: string): void {
    this.#sessions.delete(name);
  }

  /** A resumed session is not verified anew, so only one of a connection that was is kept. */
  keepFrom(socket: TLSSocket, name: string): void {
    const keep = (session: Buffer | undefined): void => {
      if (!socket.authorized || session === undefined) return;
      this.#sessions.delete(name);
      this.#sessions.set(name, session);
      const [oldest] = this.#sessions.keys();
      if (this.#sessions.size > sessionsKept && oldest !== undefined) this.#sessions.delete(oldest);
    };
    // TLS 1.3 tells sessions after the handshake, 1.2 within it.
    socket.on('session', keep);
    socket.once('secureConnect', () => {
      if (socket.getProtocol() === 'TLSv1.2') keep(socket.getSession());
    });
  }
}
