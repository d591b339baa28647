import { connect, createServer, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { listenOn } from './listen-on.ts';

/** The most that the kernel lets any listener keep waiting; undefined where the system has another account. */
function kernelBacklog(): number | undefined {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  } catch {
    return undefined;
  }
}

/** Connections that the kernel keeps for a listener until it accepts them (proc_net_tcp: the second half of its queues). */
function waitingAt(port: number): number {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const row = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, local, remote]) => local === address && remote === '00000000:0000');
  return Number.parseInt(row?.[4]?.split(':')[1] ?? '', 16);
}

/** Opens connections within one turn of the event loop, so that nobody accepts them meanwhile, and counts those that wait. */
async function waitingOf(connections: number, backlog: number): Promise<number> {
  const server: Server = createServer((socket) => socket.resume());
  const url = await listenOn(server, { host: '127.0.0.1', port: 0, backlog });
  const port = Number(new URL(url).port);
  const sockets = Array.from({ length: connections }, () => connect({ host: '127.0.0.1', port }).on('error', () => {}));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // Node connects in ticks of its own, all of them before the event loop turns.
  await new Promise((resolve) => process.nextTick(resolve));
  return waitingAt(port);
}

test.runIf((kernelBacklog() ?? 0) >= 1000)('as many connections wait to be accepted as was said, and no fewer than a burst brings', async () => {
  expect(await waitingOf(800, 1000)).toBe(800);
  // The kernel's rule is "more than", so one more than was said fits.
  expect(await waitingOf(100, 20)).toBe(21);
});

test('a port that is taken is told with what chooses another', async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  const url = await listenOn(server, { host: '127.0.0.1', port: 0, backlog: 16 });
  const again = listenOn(createServer(), { host: '127.0.0.1', port: Number(new URL(url).port), backlog: 16, option: '--control-port' });
  await expect(again).rejects.toThrow(/is taken by another program; end that program, or choose another port with --control-port\./);
});
