import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** One request that the upstream received and has not answered yet; the test decides what is said, and when. */
export interface HeldCall {
  readonly request: string;
  readonly write: (raw: string) => Promise<void>;
  readonly reset: () => void;
  /** Whether the other side broke the connection. */
  readonly broken: () => boolean;
}

export interface HeldUpstream {
  readonly origin: string;
  readonly calls: readonly HeldCall[];
  /** The next call that was not asked for yet, as soon as it has come. */
  readonly next: () => Promise<HeldCall>;
  readonly stop: () => Promise<void>;
}

/** An endpoint over a real socket that says nothing by itself, so that a test needs no pauses to hit a moment. */
export async function startHeldUpstream(): Promise<HeldUpstream> {
  const calls: HeldCall[] = [];
  const waiting: ((call: HeldCall) => void)[] = [];
  const sockets = new Set<Socket>();
  let taken = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let broken = false;
    let received = '';
    socket.on('error', () => {});
    socket.on('close', () => {
      broken = true;
      sockets.delete(socket);
    });
    socket.on('data', (part: Buffer) => {
      received += part.toString('latin1');
      if (!isWhole(received)) return;
      const call: HeldCall = {
        request: received,
        write: (raw) => new Promise((resolve) => socket.write(raw, () => resolve())),
        reset: () => socket.resetAndDestroy(),
        broken: () => broken,
      };
      received = '';
      calls.push(call);
      waiting.shift()?.(call);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    origin: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    calls,
    next: () => {
      const call = calls[taken++];
      return call === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(call);
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function isWhole(received: string): boolean {
  const headEnd = received.indexOf('\r\n\r\n');
  const length = Number(/^content-length: *(\d+)/im.exec(received)?.[1] ?? 0);
  return headEnd >= 0 && received.length >= headEnd + 4 + length;
}
