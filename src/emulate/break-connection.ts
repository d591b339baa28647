import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Destroys a connection; over TCP its peer sees a reset. A Unix socket has no reset: its peer sees a sudden end. */
export function resetSocket(socket: Duplex): void {
  // Only a TCP socket has a remote address, and `resetAndDestroy` throws for any other handle.
  if (socket instanceof Socket && socket.remoteAddress !== undefined) socket.resetAndDestroy();
  else socket.destroy();
}

/** Ends the connection under an unfinished answer, after what was written so far was handed over. */
export function breakConnection(response: ServerResponse, ending: 'fin' | 'rst'): void {
  const { socket } = response;
  if (socket === null) return;
  if (ending === 'rst') resetSocket(socket);
  else socket.destroySoon();
}
