import { request } from 'node:http';
import { MemoryConnection } from '../support/memory-connection.ts';
import { ResponseReader } from '../../src/http/response-reader.ts';

/** What a reader made of a response: what it told, and how that ended. */
export interface FoundResponse {
  readonly status: number;
  readonly body: string;
  readonly how: 'whole' | 'broken' | 'wait';
}

const patientTurns = 200;

/**
 * Our reader, on bytes that come piece by piece; the connection ends behind them where that is asked. `takes`: how many
 * bytes are taken whenever some are lent, which are overwritten once that is over; undefined: none are lent.
 */
export function readResponse(pieces: readonly Buffer[], ends: boolean, takes?: () => number): FoundResponse & { readonly reusable: boolean } {
  let status = 0;
  let body = '';
  let how: FoundResponse['how'] = 'wait';
  const reader = new ResponseReader(
    {
      onHead: (found) => (status = found),
      onData: (bytes) => (body += Buffer.from(bytes).toString('latin1')),
      takeLent: (bytes, start, end) => {
        const taken = Math.min(end, start + (takes?.() ?? 0));
        body += Buffer.from(bytes.slice(start, taken)).toString('latin1');
        return taken;
      },
      onEnd: () => (how = 'whole'),
      onError: () => (how = 'broken'),
    },
    16_384,
  );
  // The connection does the same: it reads nothing more for a response that is over.
  for (const piece of pieces) {
    if (reader.isOver) break;
    const lent = Buffer.from(piece);
    const rest = Buffer.from(piece.subarray(takes === undefined ? 0 : reader.pushLent(lent, 0, lent.length)));
    lent.fill(0xff);
    if (rest.length > 0) reader.push(rest);
  }
  if (ends) reader.end();
  return { status, body, how, reusable: reader.isReusable };
}

/** `node:http` as a client, in its strict form, on the same bytes. */
export async function readResponseByNode(bytes: Buffer, ends: boolean): Promise<FoundResponse> {
  let status = 0;
  let body = '';
  let how: FoundResponse['how'] = 'wait';
  const connection = new MemoryConnection({ onBytes: () => {}, onOver: () => {} });
  const outgoing = request({ createConnection: () => connection, insecureHTTPParser: false, method: 'GET', path: '/' }, (response) => {
    status = response.statusCode ?? 0;
    response.on('data', (part: Buffer) => (body += part.toString('latin1')));
    response.on('end', () => (how = 'whole'));
    response.on('error', () => (how = 'broken'));
  });
  outgoing.on('error', () => (how = how === 'whole' ? how : 'broken'));
  outgoing.end();
  await turns(2);
  connection.receive(bytes);
  if (ends) connection.leave('fin');
  for (let turn = 0; turn < patientTurns && how === 'wait'; turn += 1) await turns(1);
  outgoing.destroy();
  return { status, body, how };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
