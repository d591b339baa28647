import { HttpServer } from '../../src/http/http-server.ts';
import { MemoryConnection } from '../support/memory-connection.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { HttpRequest } from '../../src/http/server-connection.ts';
import type { ServerResponse } from '../../src/http/server-response.ts';

const bodyLimitBytes = 10_000;
/** Turns of the event loop after which what has not happened does not happen by itself. */
const patientTurns = 12;

export interface FoundRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface Readings {
  readonly requests: readonly FoundRequest[];
  /** Statuses of what was answered, in order, interim ones included. */
  readonly statuses: readonly number[];
  readonly closed: boolean;
}

/** The listener's reader with nothing behind it but a note of what it read. */
function notingServer(requests: FoundRequest[]): HttpServer {
  const onRequest = async (incoming: HttpRequest, response: ServerResponse): Promise<void> => {
    const body = await incoming.readBody(bodyLimitBytes);
    if (!body.ok) return response.send(body.failure === 'too-large' ? 413 : 400, { 'content-length': '0', connection: 'close' }, '');
    const { method, target, headers } = incoming;
    requests.push({ method, target, headers: { ...headers }, body: Buffer.from(body.value).toString('latin1') });
    response.send(200, { 'content-length': '0' }, '');
  };
  return new HttpServer({
    rules: { headerBytes: 16_384, headersTimeoutMs: 5000, requestTimeoutMs: 15_000, keepAliveTimeoutMs: 65_000 },
    clock: systemClock,
    onRequest: (incoming, response) => void onRequest(incoming, response),
    refusal: ({ why }) => ({ status: why === 'head-too-large' ? 431 : 400, headers: { 'content-length': '0', connection: 'close' }, body: '' }),
  });
}

/** Sends pieces over a connection in memory, each in a turn of its own, and says what was made of them. */
export async function readRequests(pieces: readonly Buffer[]): Promise<Readings> {
  const requests: FoundRequest[] = [];
  const server = notingServer(requests);
  let answered = '';
  let closed = false;
  const connection = new MemoryConnection({
    onBytes: (bytes) => (answered += Buffer.from(bytes).toString('latin1')),
    onOver: () => (closed = true),
  });
  server.accept(connection);
  for (const piece of pieces) {
    connection.receive(piece);
    await turn();
  }
  // As long as answers come: each request of a packet is answered in a turn of its own.
  for (let quietTurns = 0; quietTurns < patientTurns; quietTurns += 1) {
    const before = answered.length;
    await turn();
    if (answered.length > before) quietTurns = 0;
  }
  const readings = { requests: [...requests], statuses: statusesOf(answered), closed };
  connection.leave('rst');
  await server.stop(0);
  return readings;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** No answer here has a body, so the status lines can be picked out. */
export function statusesOf(answered: string): number[] {
  return [...answered.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}
