import { createServer } from 'node:net';
import { BudgetArbiter, markCount } from './budget-arbiter.ts';
import { controlledLedger } from '../controlled-ledger.ts';
import { describeFleet } from '../describe-fleet.ts';
import { canonicalJson } from '../../std/canonical-json.ts';
import { LiveConfig, liveSections } from '../live-config.ts';
import { listenForControl } from '../control-listener.ts';
import { listenOn } from '../listen-on.ts';
import { openKeyBook } from '../access/open-key-book.ts';
import { LedgerDesk } from '../../ledger/ledger-desk.ts';
import { openSqliteLedger } from '../../ledger/open-sqlite-ledger.ts';
import { OwnKeeper } from '../../budget/own-keeper.ts';
import { ProcessGroup } from './process-group.ts';
import { HttpTransport } from '../../upstream/http-transport.ts';
import { severalProcesses } from '../../admin/internal/several-processes.ts';
import { siblingEndpoint } from './sibling-listener.ts';
import { readSpentByMark } from '../../ledger/read-spent.ts';
import { shareConfig } from './share-config.ts';
import { spentOfLedger } from '../spent-of-ledger.ts';
import { startEmulators } from '../running-emulators.ts';
import { startEngines } from '../running-engines.ts';
import { ToldPlaces } from './told-places.ts';
import type { Clock } from '../../std/clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { OpenedConfig } from '../open-config.ts';

export interface SupervisorSurroundings {
  readonly clock: Clock;
  /** For this user only, removed afterwards. */
  readonly folder: string;
  readonly say: (message: string) => void;
  readonly stopped: Promise<'interrupt' | 'terminate'>;
  readonly onHangup: (run: () => void) => void;
  readonly serving?: ((url: string) => void) | undefined;
  readonly interruptGraceMs: number;
  readonly pageFolder: string;
  readonly version: string;
}

/** How long a process that drained may take to bring its ledger to disk. */
const endingMs = 5000;
const notesEveryMs = 1000;

/** The first of several processes: it serves operators alone, runs what exists once a machine and keeps those that serve alive. */
export async function superviseGateway(
  opened: OpenedConfig,
  around: SupervisorSurroundings,
  cleanups: (() => Promise<void> | void)[],
): Promise<void> {
  const { clock, folder, say } = around;
  let { config } = opened.loaded;
  const { directory } = config.ledger;
  const { processes: count, listen, limits } = config;
  const port = await freePort(listen.host, listen.port);
  const transport = new HttpTransport(
    { connectTimeoutMs: limits.connectTimeoutMs, headerBytes: limits.headerBytes, connectionsPerEndpoint: 64, isAllowedAddress: () => false },
    clock,
  );
  cleanups.push(() => transport.close());
  const gateway = severalProcesses(
    { count, transport, endpointOf: (index) => siblingEndpoint({ folder }, index) },
    {
      clock,
      version: around.version,
      startedAtMs: clock.nowMs(),
      startedAtWallMs: clock.wallMs(),
      switched: (endpointId, change) => group.switched(endpointId, change),
    },
  );
  let limitKeeper: OwnKeeper | undefined;
  const changeLimits = (budgets: Config['budgets']): void => {
    limitKeeper?.change(budgets, spentOfLedger(budgets, directory));
    arbiter.changed();
  };
  const tell = async (next: Config): Promise<void> => {
    if (canonicalJson(config.budgets) !== canonicalJson(next.budgets)) changeLimits(next.budgets);
    access.teams.use(next.teams);
    config = next;
    await group.configure((index) => seatConfig(next, index, count));
  };
  const live = new LiveConfig(config, [{ sections: liveSections, use: tell }]);
  const access = await openKeyBook(config, clock, say);
  cleanups.push(access.stop);
  // For operators only: what the processes record goes through ledgers of their own.
  const ledger = await openSqliteLedger({ ...config.ledger, memory: 'off', clock });
  cleanups.push(() => ledger.close());
  const reading = controlledLedger({
    directory: config.ledger.directory,
    desk: new LedgerDesk((task) => ledger.ask(task)),
    clock,
    // Asked for theirs, all bring what they hold into the one database.
    gather: () => gateway.usage({ groupBy: 'evidence', untilWallMs: 0 }),
  });
  const control = await listenForControl(opened, gateway, {
    ...around,
    ledger: reading,
    keys: access.book,
    budgetStanding: () => limitKeeper?.budgets.standing(clock.wallMs(), (meter) => arbiter.stockOf(meter)) ?? [],
    apply: (next) => live.use(next),
  });
  cleanups.push(() => control.stop(0));
  const places = new ToldPlaces((order) => group.tell(order));
  const { promise: keeper, resolve: keep } = Promise.withResolvers<OwnKeeper>();
  const arbiter = new BudgetArbiter(keeper, {
    clock,
    firstMark: Math.floor(Math.random() * markCount),
    readCharged: (mark, sinceWallMs) => {
      try {
        return readSpentByMark(directory, mark, sinceWallMs);
      } catch (error) {
        say(`what a process that ended was charged is not known yet: ${String(error)}`);
        return undefined;
      }
    },
  });
  const group = new ProcessGroup({
    arbiter,
    count,
    clock,
    say,
    seatOf: (index, unplugged) => {
      return {
        index,
        count,
        config: seatConfig(config, index, count),
        port,
        pageUrl: control.pageUrl,
        folder,
        places: places.all,
        notes: places.notes,
        unplugged,
      };
    },
  });
  const engines = await startEngines(config.engines, { fleet: places, clock, socketDirectory: folder, say });
  cleanups.push(async () => void (await Promise.all(engines.map(({ engine }) => engine.stop()))));
  const emulators = await startEmulators(config.emulators, engines, { fleet: places, clock, socketDirectory: folder });
  cleanups.push(async () => void (await Promise.all(emulators.map((emulator) => emulator.stop()))));
  cleanups.push(() => group.stop('interrupt', around.interruptGraceMs + endingMs));
  const first = await group.start();
  // By now each has opened the ledger, and with it taken in what dead processes had left: all that was spent stands there.
  limitKeeper = new OwnKeeper(config.budgets, spentOfLedger(config.budgets, directory), clock);
  keep(limitKeeper);
  live.begun();
  around.onHangup(() => group.tell({ kind: 'reload' }));
  let cancelNotes = (): void => {};
  const tellNotes = (): void => {
    places.tellNotes();
    cancelNotes = clock.after(notesEveryMs, tellNotes);
  };
  tellNotes();
  cleanups.push(() => cancelNotes());
  const url = first?.url ?? '';
  for (const line of describeFleet(url, control, first?.endpoints ?? [], listen.keys.length > 0 || config.teams.length > 0)) say(line);
  say(`${count} processes serve this port.`);
  around.serving?.(url);
  const asked = await around.stopped;
  say('stopping …');
  const graceMs = asked === 'terminate' ? limits.drainMs : around.interruptGraceMs;
  await Promise.all([group.stop(asked, graceMs + endingMs), control.stop(graceMs)]);
}

/** What one of them serves with: its share, and nothing that exists once a machine. */
function seatConfig(config: Config, index: number, count: number): Config {
  return { ...shareConfig(config, index, count), engines: [], emulators: [] };
}

/** The port that all shall listen on. Taken once alone, since listening together would let a stranger's port pass as ours. */
async function freePort(host: string, port: number): Promise<number> {
  const server = createServer();
  const url = await listenOn(server, { host, port, backlog: 1 });
  await new Promise((resolve) => server.close(resolve));
  return Number(new URL(url).port || 80);
}
