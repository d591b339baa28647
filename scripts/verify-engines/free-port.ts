import { createServer } from 'node:net';
import { once } from 'node:events';

/** A port of the loopback that nobody listens on now; an engine takes it a moment later and keeps it over its restarts. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}
