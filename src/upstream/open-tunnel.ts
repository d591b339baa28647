import { connectHeadBytes, readConnectAnswer } from './connect-answer.ts';
import type { ProxyAddress } from '../fleet/endpoint-reach.ts';
import type { Socket } from 'node:net';

/** A fault of the proxy's, which no endpoint behind it can be blamed for. */
export class ProxyError extends Error {
  readonly code: 'PROXY_UNREACHABLE' | 'PROXY_MALFORMED' | 'PROXY_REFUSED' | 'PROXY_FORBIDDEN';

  constructor(code: ProxyError['code'], what: string, cause?: Error) {
    super(`the proxy: ${what}`, { cause });
    this.code = code;
  }
}

/** Statuses that stay as they are until somebody changes the proxy's rules or the credentials. */
const lasting: ReadonlySet<number> = new Set([401, 403, 405, 407, 501]);

/**
 * Asks a proxy on a connection that stands for a tunnel, and calls back once: with nothing where it is open, and the
 * socket then carries the endpoint's bytes alone. The caller keeps time, hears the socket's errors, and ends it.
 */
export function openTunnel(
  socket: Socket,
  authority: string,
  { credentials }: Pick<ProxyAddress, 'credentials'>,
  done: (fault?: ProxyError) => void,
): void {
  let received: Buffer = Buffer.alloc(0);
  const end = (fault?: ProxyError): void => {
    socket.off('readable', read).off('end', cut);
    done(fault);
  };
  const cut = (): void => end(new ProxyError('PROXY_MALFORMED', 'it closed the connection instead of answering'));
  const read = (): void => {
    // `read()` leaves the socket paused, so that whoever gets it next misses nothing.
    for (let part: unknown = socket.read(); part instanceof Uint8Array; part = socket.read()) {
      if (received.length <= connectHeadBytes) received = Buffer.concat([received, part]);
    }
    if (received.length === 0) return;
    const answer = readConnectAnswer(received);
    if (!answer.ok) return end(new ProxyError('PROXY_MALFORMED', answer.failure));
    if (answer.value.kind === 'open') return end();
    if (answer.value.kind === 'refused') end(refusal(answer.value.status));
  };
  socket.on('readable', read).on('end', cut);
  const basic = credentials === undefined ? '' : `proxy-authorization: Basic ${Buffer.from(credentials).toString('base64')}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${basic}\r\n`);
}

function refusal(status: number): ProxyError {
  if (status === 407) return new ProxyError('PROXY_FORBIDDEN', 'it wants other credentials (status 407)');
  return new ProxyError(lasting.has(status) ? 'PROXY_FORBIDDEN' : 'PROXY_REFUSED', `it opened no tunnel (status ${status})`);
}
