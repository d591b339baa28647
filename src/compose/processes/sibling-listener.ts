import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { startingEndpoint } from '../engine-endpoint.ts';
import type { Endpoint } from '../../fleet/endpoint.ts';
import type { Gateway } from '../../gateway/serve-gateway.ts';
import type { Seat } from './process-message.ts';

function socketPath(folder: string, index: number): string {
  return join(folder, `process-${index}.sock`);
}

/** One of the processes of a gateway, as its siblings reach it. No id of the configuration has a space in it. */
export function siblingEndpoint({ folder }: Pick<Seat, 'folder'>, index: number): Endpoint {
  return { ...startingEndpoint(`process ${index}`), address: { kind: 'socket', socketPath: socketPath(folder, index), basePath: '' } };
}

/** Listens for siblings alone, in a folder that only this user can open. Resolves to how to stop accepting. */
export function listenToSiblings({ folder, index }: Pick<Seat, 'folder' | 'index'>, gateway: Gateway): Promise<() => void> {
  const path = socketPath(folder, index);
  // Of the process that had this place before and died.
  rmSync(path, { force: true });
  const server = createServer((socket) => gateway.server.accept(withReset(socket)));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(() => void server.close()));
  });
}

/** A Unix socket knows no reset: that an answer broke is told by an end in the middle of its framing. */
function withReset(socket: Socket): Socket {
  return Object.assign(socket, { resetAndDestroy: () => socket.destroy() });
}
