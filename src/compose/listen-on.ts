import type { Server } from 'node:net';
import { StartProblem } from './start-problem.ts';

/** Listens and resolves to the URL to print; the usual failures become one sentence each. */
export function listenOn(server: Server, host: string, port: number, scheme: 'http' | 'https' = 'http'): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new StartProblem(problemOf(error, host, port))));
    server.listen({ host, port }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}`);
    });
  });
}

function problemOf(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} on ${host} is taken by another program; end that program, or choose another port with --port.`;
  if (error.code === 'EACCES') return `Port ${port} on ${host} may not be opened by this user; choose a port above 1023 with --port.`;
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return `${host} is not an address of this machine; use 127.0.0.1 or one that \`ip address\` lists.`;
  return `${host}:${port} cannot be listened on (${error.code ?? error.message}).`;
}
