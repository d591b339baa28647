import { connect, createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import { startDemoEngine } from '../../engine/testing/start-demo-engine.ts';

/** For tests: our own engine with the demo model on a TCP port, as any other endpoint would be; gives its base URL. */
export async function engineOverTcp(): Promise<string> {
  const { socketPath, close } = await startDemoEngine();
  onTestFinished(close);
  const server = createServer((socket) => {
    const engine = connect(socketPath);
    socket.pipe(engine).pipe(socket);
    socket.on('error', () => engine.destroy());
    engine.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  return `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
}
