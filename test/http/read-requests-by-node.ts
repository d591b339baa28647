import { createServer } from 'node:http';
import { MemoryConnection } from '../support/memory-connection.ts';
import type { FoundRequest } from './read-requests.ts';

const patientTurns = 12;

/** What `node:http`, in its strict form, makes of the same bytes: another reader's word. */
export async function readRequestsByNode(pieces: readonly Buffer[]): Promise<readonly FoundRequest[]> {
  const requests: FoundRequest[] = [];
  const server = createServer({ insecureHTTPParser: false, requireHostHeader: true }, (incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const headers: Record<string, string[]> = Object.create(null);
      for (let at = 0; at < incoming.rawHeaders.length; at += 2)
        (headers[(incoming.rawHeaders[at] ?? '').toLowerCase()] ??= []).push(incoming.rawHeaders[at + 1] ?? '');
      requests.push({ method: incoming.method ?? '', target: incoming.url ?? '', headers, body: Buffer.concat(parts).toString('latin1') });
      response.end();
    });
  });
  // Left open, so that what was read before the error is still told.
  server.on('clientError', () => {});
  const connection = new MemoryConnection({ onBytes: () => {}, onOver: () => {} });
  server.emit('connection', connection);
  for (const piece of pieces) connection.receive(piece);
  for (let turns = 0; turns < patientTurns; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  connection.leave('rst');
  return requests;
}
