import { rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { childOptions, type ReadyMessage } from './child-options.ts';
import { engineServer } from './engine-server.ts';
import { startEngine } from './start-engine.ts';

/* The engine process: `node src/engine/main.ts '{"modelPath": …, "modelName": …, "socketPath": …}'`. */

const log = (line: string): void => void process.stderr.write(`engine: ${line}\n`);

// The terminal's Ctrl-C reaches every process of its group, but it is the parent who decides when we end.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
// Our parent is gone, even if by kill -9: end at once, also in the middle of a native call.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.stderr.on('error', () => undefined);

const options = childOptions.parse(JSON.parse(process.argv[2] ?? '{}'));
const core = await startEngine(options, log).catch((thrown: unknown) => {
  log(`cannot start: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  process.exit(1);
});
const server = engineServer(core);

let stopping = false;
const stop = async (): Promise<void> => {
  if (stopping) return;
  stopping = true;
  server.close();
  await core.loop.stop();
  // Streams get a moment to carry their last event out.
  setTimeout(() => process.exit(0), 50);
};
process.on('SIGTERM', () => void stop());
process.on('message', () => void stop());

server.on('error', (error) => {
  log(`cannot listen: ${error.message}`);
  process.exit(1);
});
const whenListening = (): void => {
  const address = server.address();
  const port = typeof address === 'string' || address === null ? undefined : (address satisfies AddressInfo).port;
  const ready: ReadyMessage = {
    kind: 'ready',
    silicon: core.silicon,
    modelNames: [core.modelName],
    contextTokens: core.contextTokens,
    ...(port === undefined ? {} : { port }),
  };
  log(`ready: ${options.modelName} on ${core.silicon.vendor} ${core.silicon.chip}, ${port ?? options.socketPath ?? ''}`);
  process.send?.(ready);
};
if (options.socketPath !== undefined) {
  rmSync(options.socketPath, { force: true });
  server.listen(options.socketPath, whenListening);
} else server.listen(options.port ?? 0, '127.0.0.1', whenListening);
