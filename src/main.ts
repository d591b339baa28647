import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { controlledLedger } from './compose/controlled-ledger.ts';
import { demoConfig } from './compose/demo-config.ts';
import { describeFleet } from './compose/describe-fleet.ts';
import { fixedSource, openConfig, type OpenedConfig } from './compose/open-config.ts';
import { guarded, type Cleanups } from './compose/cleanups.ts';
import { listenForControl, type ControlListener } from './compose/control-listener.ts';
import { listenOn } from './compose/listen-on.ts';
import { openContext } from './compose/open-context.ts';
import { openKeyBook } from './compose/access/open-key-book.ts';
import { openLedger } from './compose/open-ledger.ts';
import { openLimits } from './compose/open-limits.ts';
import { openRelay } from './compose/open-relay.ts';
import { ownGateway } from './admin/internal/own-gateway.ts';
import { productVersion } from './cli/product-version.ts';
import { routes } from './gateway/routes.ts';
import { serveGateway } from './gateway/serve-gateway.ts';
import { serveSiblings } from './compose/serve-siblings.ts';
import { startLocal } from './compose/start-local.ts';
import { superviseGateway } from './compose/processes/supervise-gateway.ts';
import { recordAtTurnEnd } from './http/turn.ts';
import { systemClock } from './std/clock.ts';
import { takeOver } from './compose/take-over.ts';
import { tlsListener } from './compose/tls-listener.ts';
import type { Config } from './config/config-schema.ts';
import type { ConfigSource } from './config/config-source.ts';
import type { TakenSeat } from './compose/processes/taken-seat.ts';

/** Ctrl-C means now: running answers get this long, where a planned stop (SIGTERM) gets `limits.drainMs`. */
const interruptGraceMs = 1000;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

export interface UpIo {
  /** A line for a person, on standard error. */
  readonly say: (message: string) => void;
  /** Resolves when the process shall end: at once for `interrupt`, after draining for `terminate`. */
  readonly stopped: Promise<'interrupt' | 'terminate'>;
  /** Calls `run` whenever files shall be read again. */
  readonly onHangup: (run: () => void) => void;
  /** Told once all is up, with the gateway's own address. */
  readonly serving?: (url: string) => void;
}

const pageFolder = join(root, 'web/dist');
const version = productVersion({ readFile: (path) => readFileSync(path, 'utf8') });

export interface UpOptions {
  readonly demo: boolean;
  /** Where the configuration is read from again; absent where it was made by a program and stays as it is. */
  readonly source?: ConfigSource;
}

export { dropOverlay } from './compose/drop-overlay.ts';

/** Builds everything, passes clocks and randomness in, serves until told to stop. Resolves to the exit code. */
export function runUp(given: Config, options: UpOptions, io: UpIo): Promise<number> {
  return guarded(io.say, async (cleanups) => {
    const finish = (config: Config): Config => (options.demo ? demoConfig(config, join(root, 'models/demo/second-source-demo.gguf')) : config);
    const opened = openConfig(given, options.source ?? fixedSource(given), finish);
    cleanups.push(opened.release);
    if (opened.loaded.config.processes === 1) return serve(opened.loaded.config, opened, undefined, io, cleanups);
    const folder = privateFolder(cleanups);
    await superviseGateway(opened, { ...io, clock: systemClock, folder, interruptGraceMs, pageFolder, version }, cleanups);
  });
}

/** The same in one of several processes, whose first has the engines and tells what happens. */
export function runSeat(taken: TakenSeat, io: UpIo): Promise<number> {
  const problem = (message: string): void => taken.report({ kind: 'problem', message });
  return guarded(problem, (cleanups) => serve(taken.seat.config, undefined, taken, io, cleanups));
}

function privateFolder(cleanups: Cleanups): string {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Either alone, with the configuration and who may change it, or in one of several places. */
async function serve(config: Config, opened: OpenedConfig | undefined, taken: TakenSeat | undefined, io: UpIo, cleanups: Cleanups): Promise<void> {
  const clock = systemClock;
  const { say, onHangup } = io;
  const { index, count } = taken?.seat ?? { index: 0, count: 1 };
  const { ledger, desk } = await openLedger(config, clock, recordAtTurnEnd, cleanups);
  const access = await openKeyBook(config, clock, say);
  cleanups.push(access.stop);
  const relaying = await openRelay(config, { clock, say, onHangup, ledger, index, count, mark: taken?.seat.mark }, cleanups);
  const { fleet } = relaying;
  const limits = openLimits(config, taken, clock);
  let control: ControlListener | undefined;
  const pageUrl = (): string | undefined => taken?.seat.pageUrl ?? control?.pageUrl;
  const context = openContext(config, relaying, { clock, say, version, access, limits: limits.desk, ledger, taken, pageUrl }, cleanups);
  const listening = { headerBytes: config.limits.headerBytes, headersTimeoutMs: 5000, requestTimeoutMs: 15_000 };
  const gateway = serveGateway(context, routes, listening);
  const secure = config.listen.tls === undefined ? undefined : tlsListener(config.listen.tls, (socket) => gateway.server.accept(socket), say);
  if (secure !== undefined) onHangup(secure.reload);
  const listen = (port: number): Promise<string> =>
    listenOn(secure?.server ?? gateway.server.listener, {
      ...config.listen,
      port,
      scheme: secure === undefined ? 'http' : 'https',
      reusePort: taken !== undefined,
    });
  cleanups.push(() => gateway.stop(0));
  if (secure !== undefined) cleanups.push(secure.stop);
  const alone = taken === undefined ? await listen(config.listen.port) : undefined;
  const { live, endpoints } = takeOver(config, relaying, { say, access, limits }, cleanups);
  taken?.obeyConfig(live);
  if (opened !== undefined) {
    const ofLedger = controlledLedger({ directory: config.ledger.directory, desk, clock, gather: async () => {} });
    const apply = (next: Config): ReturnType<typeof live.use> => live.use(next);
    const around = { clock, pageFolder, say, onHangup, ledger: ofLedger, keys: access.book, budgetStanding: limits.standing, apply };
    control = await listenForControl(opened, ownGateway(context), around);
  }
  cleanups.push(() => control?.stop(0));
  if (taken === undefined) await startLocal(config, { fleet, clock, say, socketDirectory: privateFolder(cleanups) }, cleanups);
  else taken.follow(fleet);
  await endpoints.use(config.endpoints);
  await relaying.shares.begin(desk);
  live.begun();
  await taken?.obeyPlugs(context);
  const apart = taken === undefined ? undefined : await serveSiblings(taken.seat, context, listening, cleanups);
  // One that returns beside others must not be asked before it knows what it can serve.
  const url = alone ?? (await listen(taken?.seat.port ?? 0));
  taken?.report({ kind: 'serving', url, endpoints: fleet.status() });
  const needsKey = config.listen.keys.length > 0 || access.book.isRequired;
  if (control !== undefined) for (const line of describeFleet(url, control, fleet.status(), needsKey)) say(line);
  io.serving?.(url);
  const asked = await io.stopped;
  if (taken === undefined) say('stopping …');
  secure?.stop();
  // Running answers end before what computes them is stopped.
  const graceMs = asked === 'terminate' ? config.limits.drainMs : interruptGraceMs;
  await Promise.all([gateway.stop(graceMs), apart?.stop(graceMs), control?.stop(graceMs)]);
}
