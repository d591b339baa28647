/**
 * A process of its own: an OpenAI-compatible endpoint that costs as little as possible, on as many ports as asked for.
 * It answers from prebuilt bytes and reads just enough of a request to know where it ends. The prompt of a stream
 * says how long and how fast it is: `chunks=200 everyMs=50`. Prints its ports as JSON, and ends with its input.
 */
import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { modelsAnswer, mostChunks, streamBeginning, streamEnd, streamPieces, wholeAnswer } from './mock-answers.ts';

interface RunningStream {
  readonly socket: Socket;
  readonly everyMs: number;
  readonly chunks: number;
  sent: number;
}

/** Streams by the millisecond in which their next chunk is due, so that no two timers wake the process at once. */
const wheelMs = 1024;
const wheel: RunningStream[][] = Array.from({ length: wheelMs }, () => []);
let tickMs = Math.floor(performance.now());

function turnWheel(): void {
  const nowMs = Math.floor(performance.now());
  for (; tickMs <= nowMs; tickMs += 1) {
    const slot = tickMs % wheelMs;
    const due = wheel[slot];
    if (due === undefined || due.length === 0) continue;
    wheel[slot] = [];
    for (const stream of due) goOn(stream);
  }
}

function goOn(stream: RunningStream): void {
  const { socket, everyMs, chunks, sent } = stream;
  if (socket.destroyed) return;
  if (sent >= chunks) {
    socket.write(streamEnd);
    return;
  }
  socket.write(streamPieces[sent] ?? streamEnd);
  stream.sent += 1;
  schedule(stream, everyMs);
}

function schedule(stream: RunningStream, inMs: number): void {
  wheel[(tickMs + inMs) % wheelMs]?.push(stream);
}

function numberAfter(text: string, word: string, otherwise: number): number {
  const at = text.indexOf(word);
  return at < 0 ? otherwise : Number.parseInt(text.slice(at + word.length, at + word.length + 6), 10);
}

function answer(socket: Socket, request: string): void {
  if (!request.startsWith('POST')) socket.write(modelsAnswer);
  else if (!/"stream"\s*:\s*true/.test(request)) socket.write(wholeAnswer);
  else {
    socket.write(streamBeginning);
    const everyMs = Math.min(wheelMs - 1, numberAfter(request, 'everyMs=', 50));
    schedule({ socket, everyMs, chunks: Math.min(mostChunks, numberAfter(request, 'chunks=', 10)), sent: 1 }, everyMs);
  }
}

/** Where the request that the text begins with ends, or nothing while it is not all there. */
function requestEnd(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = text.slice(0, headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return text.length >= headEnd + 4 + Number(length) ? headEnd + 4 + Number(length) : undefined;
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return headEnd + 4;
  const last = text.indexOf('0\r\n\r\n', headEnd + 4);
  return last < 0 ? undefined : last + 5;
}

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  let pending = '';
  socket.on('data', (part: Buffer) => {
    pending += part.toString('latin1');
    for (let end = requestEnd(pending); end !== undefined; end = requestEnd(pending)) {
      answer(socket, pending.slice(0, end));
      pending = pending.slice(end);
    }
  });
  socket.on('error', () => undefined);
}

const ports: number[] = [];
for (let n = 0; n < Number(process.argv[2] ?? 1); n += 1) {
  const server = createServer(serve).listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  const address = server.address();
  if (address !== null && typeof address !== 'string') ports.push(address.port);
}
setInterval(turnWheel, 1);
process.stdin.resume().on('end', () => process.exit(0));
console.log(JSON.stringify(ports));
