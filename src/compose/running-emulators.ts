import { join } from 'node:path';
import { engineDeployments, startingEndpoint } from './engine-endpoint.ts';
import { emulatedSilicon, emulatorProfile } from '../emulate/profiles.ts';
import { startEmulator, type Emulator } from '../emulate/start-emulator.ts';
import { seededRandom } from '../std/random.ts';
import { StartProblem } from './start-problem.ts';
import type { Clock } from '../std/clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { RunningEngine } from './running-engines.ts';

export interface EmulatorSurroundings {
  readonly fleet: Pick<Fleet, 'put' | 'annotate'>;
  readonly clock: Clock;
  readonly socketDirectory: string;
}

/** Starts the configured emulators, each over one of the engines that run. */
export async function startEmulators(
  configured: Config['emulators'],
  engines: readonly RunningEngine[],
  around: EmulatorSurroundings,
): Promise<readonly Emulator[]> {
  const started: Emulator[] = [];
  for (const [index, entry] of configured.entries()) {
    const wrapped = engines.find(({ id }) => id === entry.engine);
    if (wrapped === undefined) throw new StartProblem(`The emulator \`${entry.id}\` wraps the engine \`${entry.engine}\`, which is not configured.`);
    const known = emulatorProfile(entry.profile);
    if (!known.ok) throw new StartProblem(known.failure);
    const profile = known.value;
    const emulator = await startEmulator({
      id: entry.id,
      profile,
      upstream: { kind: 'socket', socketPath: wrapped.engine.socketPath, basePath: '/v1' },
      listen: { socketPath: join(around.socketDirectory, `${index}-emulator.sock`) },
      clock: around.clock,
      random: seededRandom(entry.seed ?? index + 1),
    });
    started.push(emulator);
    const deployments = engineDeployments(entry.id, wrapped.engine, wrapped.weights, { price: undefined });
    around.fleet.put(
      {
        ...startingEndpoint(entry.id, wrapped.region),
        address: emulator.address,
        // It tells those of the engine that it wraps, which are not its own.
        gauges: undefined,
        silicon: emulatedSilicon(profile),
        // It is lost with the engine that it wraps, and with this process, which runs it.
        failureDomains: [`process:${entry.engine}`, 'process:gateway'],
      },
      deployments,
      'ready',
    );
    around.fleet.annotate(entry.id, () => emulator.report().sentence);
  }
  return started;
}
