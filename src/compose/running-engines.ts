import { stat } from 'node:fs/promises';
import { availableBytes, memoryProblem } from './check-memory.ts';
import { engineDeployments, engineEndpoint, startingEndpoint } from './engine-endpoint.ts';
import { superviseEngine, type SupervisedEngine } from '../engine/supervise-engine.ts';
import { weightsIdentity } from './weights-identity.ts';
import { StartProblem } from './start-problem.ts';
import type { Clock } from '../std/clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Fleet } from '../fleet/fleet.ts';

export interface RunningEngine {
  readonly id: string;
  readonly region: string;
  readonly engine: SupervisedEngine;
  readonly weights: string;
}

export interface EngineSurroundings {
  /** The fleet itself, or whoever tells the fleets of other processes. */
  readonly fleet: Pick<Fleet, 'put' | 'annotate' | 'lost' | 'declare' | 'declaredState'>;
  readonly clock: Clock;
  readonly socketDirectory: string;
  readonly say: (message: string) => void;
}

/** Starts the configured engines side by side and keeps the fleet told of each one's state. */
export async function startEngines(configured: Config['engines'], around: EngineSurroundings): Promise<readonly RunningEngine[]> {
  const sizes = await Promise.all(configured.map(({ id, model }) => modelBytes(id, model)));
  const problem = memoryProblem(sizes, availableBytes());
  if (problem !== undefined) throw new StartProblem(problem);
  for (const { id, region } of configured) around.fleet.put(startingEndpoint(id, region), [], 'starting');
  const started = await Promise.allSettled(configured.map((entry) => startEngine(entry, around)));
  const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed === undefined) return running;
  await Promise.all(running.map(({ engine }) => engine.stop()));
  throw new StartProblem(failed.reason instanceof Error ? failed.reason.message : String(failed.reason));
}

async function modelBytes(id: string, path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) throw new StartProblem(`The model file ${path} of engine \`${id}\` cannot be read; correct its path.`);
  return found.size;
}

async function startEngine(entry: Config['engines'][number], around: EngineSurroundings): Promise<RunningEngine> {
  const { fleet, clock, socketDirectory, say } = around;
  const weights = await weightsIdentity(entry.model);
  const engine = await superviseEngine(
    {
      name: entry.id,
      modelPath: entry.model,
      modelName: entry.name,
      gpu: entry.gpu,
      sequences: entry.sequences,
      threads: entry.threads,
      socketDirectory,
      ...(entry.contextTokens === undefined ? {} : { contextTokens: entry.contextTokens }),
    },
    clock,
  );
  const endpoint = { ...engineEndpoint(entry.id, entry.region, engine), usdPerHour: entry.usdPerHour };
  fleet.put(endpoint, engineDeployments(entry.id, engine, weights, entry), 'ready');
  fleet.annotate(
    entry.id,
    () =>
      `process ${engine.pid() ?? 'none'}, ${engine.silicon.backend}, ${engine.silicon.threads} decode thread${engine.silicon.threads === 1 ? '' : 's'}`,
  );
  engine.onFault(({ reason, restarts }) => {
    fleet.lost(entry.id, `the engine process ended (${reason})`);
    say(`engine ${entry.id} ended (${reason}); restart ${restarts} follows.`);
  });
  engine.onReady(() => {
    if (fleet.declaredState(entry.id) !== 'unplugged') fleet.declare(entry.id, 'ready');
    say(`engine ${entry.id} is back, process ${engine.pid() ?? 'unknown'}.`);
  });
  return { id: entry.id, region: entry.region, engine, weights };
}
