import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../std/clock.ts';
import type { EngineOptions } from '../engine-options.ts';
import { superviseEngine, type SupervisedEngine } from '../supervise-engine.ts';

/** The demo model that comes with the project, or another that `SECOND_SOURCE_TEST_MODEL` names. */
export const demoModelPath =
  process.env['SECOND_SOURCE_TEST_MODEL'] ?? fileURLToPath(new URL('../../../models/demo/second-source-demo.gguf', import.meta.url));

/** An engine on a socket in a folder of its own, which `close` takes away again. */
export async function startDemoEngine(
  options: Partial<EngineOptions> = {},
): Promise<{ engine: SupervisedEngine; socketPath: string; close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), '2s-engine-'));
  const engine = await superviseEngine(
    { name: 'test', modelPath: demoModelPath, modelName: 'demo', threads: 1, socketDirectory: folder, ...options },
    systemClock,
  );
  return {
    engine,
    socketPath: engine.socketPath,
    close: async () => {
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
