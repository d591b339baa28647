import { startEmulators } from './running-emulators.ts';
import { startEngines, type EngineSurroundings } from './running-engines.ts';
import type { Cleanups } from './cleanups.ts';
import type { Config } from '../config/config-schema.ts';

/** Engines and emulators of this process. */
export async function startLocal(config: Config, around: EngineSurroundings, cleanups: Cleanups): Promise<void> {
  const engines = await startEngines(config.engines, around);
  cleanups.push(async () => void (await Promise.all(engines.map(({ engine }) => engine.stop()))));
  const emulators = await startEmulators(config.emulators, engines, around);
  cleanups.push(async () => void (await Promise.all(emulators.map((emulator) => emulator.stop()))));
}
