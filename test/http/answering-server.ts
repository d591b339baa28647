import { createServer, type Socket } from 'node:net';
import type { ResponseCase } from './response-case.ts';

export const secondAnswer = 'second';

export interface AnsweringServer {
  readonly origin: string;
  readonly connections: () => number;
  /** Resolves when the case's bytes are on their way, those that it says by itself included. */
  readonly saidAll: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Answers the first request with a case's bytes, piece by piece, and every other with an answer of its own. */
export async function startAnsweringServer({ end, late }: ResponseCase, pieces: readonly Buffer[]): Promise<AnsweringServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let requests = 0;
  let first: Socket | undefined;
  let played: Promise<void> | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      if (!bytes.includes('\r\n\r\n')) return;
      requests += 1;
      if (requests > 1) return void socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${secondAnswer.length}\r\n\r\n${secondAnswer}`);
      first = socket;
      played = play(socket, pieces, end);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return {
    origin: `http://127.0.0.1:${bound !== null && typeof bound === 'object' ? bound.port : 0}`,
    connections: () => connections,
    saidAll: async () => {
      await played;
      await write(first, Buffer.from(late, 'latin1'));
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function play(socket: Socket, pieces: readonly Buffer[], end: ResponseCase['end']): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    await write(socket, piece);
  }
  if (end === 'fin') socket.end();
  if (end === 'rst') socket.resetAndDestroy();
}

/** Resolves a turn after the bytes were handed over, so that the other side reads them by themselves. */
function write(socket: Socket | undefined, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket === undefined || socket.destroyed || bytes.length === 0) return resolve();
    socket.write(bytes, () => setImmediate(resolve));
  });
}
