import type { Server } from 'node:net';
import { StartProblem } from './start-problem.ts';

export interface ListenAt {
  readonly host: string;
  readonly port: number;
  /** How many connections may wait to be accepted. The kernel drops what comes beyond it, and a client tries again only after a second. */
  readonly backlog: number;
  readonly scheme?: 'http' | 'https';
  /** Other processes listen on the same port, and the kernel spreads connections among them. */
  readonly reusePort?: boolean;
  /** What chooses another port. */
  readonly option?: string;
}

/** Listens and resolves to the URL to print; the usual failures become one sentence each. */
export function listenOn(server: Server, { host, port, backlog, scheme = 'http', reusePort = false, option = '--port' }: ListenAt): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new StartProblem(problemOf(error, host, port, option))));
    server.listen({ host, port, backlog, reusePort }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}`);
    });
  });
}

function problemOf(error: NodeJS.ErrnoException, host: string, port: number, option: string): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} on ${host} is taken by another program; end that program, or choose another port with ${option}.`;
  if (error.code === 'EACCES') return `Port ${port} on ${host} may not be opened by this user; choose a port above 1023 with ${option}.`;
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return `${host} is not an address of this machine; use 127.0.0.1 or one that \`ip address\` lists.`;
  if (error.code === 'ENOTSUP') return 'This system cannot spread one port over several processes; set `processes: 1`.';
  return `${host}:${port} cannot be listened on (${error.code ?? error.message}).`;
}
