import { createServer, type Socket } from 'node:net';

/** How a connection ends after the script's bytes: `keep` leaves it open for the next request, `hang` says nothing more. */
export type ScriptEnd = 'keep' | 'fin' | 'rst' | 'hang';

export interface Script {
  /** Raw bytes of the response, head and framing included, written piece by piece. */
  readonly pieces: readonly (string | Uint8Array)[];
  readonly end: ScriptEnd;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: string;
  readonly body: string;
}

export interface ScriptedUpstream {
  readonly origin: string;
  readonly seen: readonly SeenRequest[];
  /** Connections that the other side broke while the script hung. */
  readonly broken: () => number;
  readonly stop: () => Promise<void>;
}

/** A server that speaks raw bytes, so that every fault on the wire can be shown as it is, over a real socket. */
export async function startScriptedUpstream(answer: (request: SeenRequest, index: number) => Script): Promise<ScriptedUpstream> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let broken = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = Buffer.alloc(0);
    let hanging = false;
    socket.on('close', () => {
      sockets.delete(socket);
      if (hanging) broken += 1;
    });
    socket.on('error', () => {});
    socket.on('data', (part: Buffer) => {
      received = Buffer.concat([received, part]);
      const request = readRequest(received);
      if (request === undefined) return;
      received = Buffer.alloc(0);
      seen.push(request);
      const script = answer(request, seen.length - 1);
      hanging = script.end === 'hang';
      void play(socket, script);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return {
    origin: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    seen,
    broken: () => broken,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function play(socket: Socket, script: Script): Promise<void> {
  for (const piece of script.pieces) {
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    // Lets the other side read each piece by itself, so that a cut comes after what was sent before it.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (script.end === 'fin') socket.end();
  if (script.end === 'rst') socket.resetAndDestroy();
}

function readRequest(bytes: Buffer): SeenRequest | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = bytes.subarray(0, headEnd).toString('latin1');
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  if (bytes.length < headEnd + 4 + length) return undefined;
  const [method = '', path = ''] = head.split(' ');
  return { method, path, headers: head, body: bytes.subarray(headEnd + 4, headEnd + 4 + length).toString('utf8') };
}

/** One HTTP chunk. */
export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

export const lastChunk = '0\r\n\r\n';
export const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

export function jsonResponse(status: number, body: string, headers = ''): string {
  return `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export function event(data: string): string {
  return `data: ${data}\n\n`;
}
