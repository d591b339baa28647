import { createServer } from 'node:net';
import { describeFleet } from '../describe-fleet.ts';
import { listenOn } from '../listen-on.ts';
import { ProcessGroup } from './process-group.ts';
import { shareConfig } from './share-config.ts';
import { startEmulators } from '../running-emulators.ts';
import { startEngines } from '../running-engines.ts';
import { ToldPlaces } from './told-places.ts';
import type { Clock } from '../../std/clock.ts';
import type { Config } from '../../config/config-schema.ts';

export interface SupervisorSurroundings {
  readonly clock: Clock;
  /** For this user only, removed afterwards. */
  readonly folder: string;
  readonly say: (message: string) => void;
  readonly stopped: Promise<'interrupt' | 'terminate'>;
  readonly onHangup: (run: () => void) => void;
  readonly serving?: ((url: string) => void) | undefined;
  readonly interruptGraceMs: number;
}

/** How long a process that drained may take to bring its ledger to disk. */
const endingMs = 5000;
const notesEveryMs = 1000;

/** The first of several processes: it serves nobody, but runs what exists once a machine and keeps those that serve alive. */
export async function superviseGateway(config: Config, around: SupervisorSurroundings, cleanups: (() => Promise<void> | void)[]): Promise<void> {
  const { clock, folder, say } = around;
  const { processes: count, listen, limits } = config;
  const port = await freePort(listen.host, listen.port);
  const places = new ToldPlaces((order) => group.tell(order));
  const group = new ProcessGroup({
    count,
    clock,
    say,
    seatOf: (index, unplugged) => {
      const own = { ...shareConfig(config, index, count), engines: [], emulators: [] };
      return { index, count, config: own, port, folder, places: places.all, notes: places.notes, unplugged };
    },
  });
  const engines = await startEngines(config.engines, { fleet: places, clock, socketDirectory: folder, say });
  cleanups.push(async () => void (await Promise.all(engines.map(({ engine }) => engine.stop()))));
  const emulators = await startEmulators(config.emulators, engines, { fleet: places, clock, socketDirectory: folder });
  cleanups.push(async () => void (await Promise.all(emulators.map((emulator) => emulator.stop()))));
  cleanups.push(() => group.stop('interrupt', around.interruptGraceMs + endingMs));
  const first = await group.start();
  around.onHangup(() => group.tell({ kind: 'reload' }));
  let cancelNotes = (): void => {};
  const tellNotes = (): void => {
    places.tellNotes();
    cancelNotes = clock.after(notesEveryMs, tellNotes);
  };
  tellNotes();
  cleanups.push(() => cancelNotes());
  const url = first?.url ?? '';
  for (const line of describeFleet(url, first?.endpoints ?? [], listen.keys.length > 0 || config.teams.length > 0, first?.hasPage === true))
    say(line);
  say(`${count} processes serve this port.`);
  around.serving?.(url);
  const asked = await around.stopped;
  say('stopping …');
  await group.stop(asked, (asked === 'terminate' ? limits.drainMs : around.interruptGraceMs) + endingMs);
}

/** The port that all shall listen on. Taken once alone, since listening together would let a stranger's port pass as ours. */
async function freePort(host: string, port: number): Promise<number> {
  const server = createServer();
  const url = await listenOn(server, host, port);
  await new Promise((resolve) => server.close(resolve));
  return Number(new URL(url).port || 80);
}
