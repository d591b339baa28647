import { randomFillSync } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { authenticateBy } from './gateway/authenticate.ts';
import { defaultRequestLimits } from './protocol/request-limits.ts';
import { demoConfig } from './compose/demo-config.ts';
import { controlledLedger } from './compose/controlled-ledger.ts';
import { describeFleet } from './compose/describe-fleet.ts';
import { AdaptiveThrottle, defaultThrottleRules } from './policy/adaptive-throttle.ts';
import { Breaker } from './policy/breaker.ts';
import { defaultHealthRules } from './policy/health-rules.ts';
import { Hedging } from './policy/hedging.ts';
import { EmptyAnswers } from './policy/empty-answers.ts';
import { DialectTransport } from './upstream/dialect-transport.ts';
import { Fleet } from './fleet/fleet.ts';
import { isAllowedAddress } from './config/host-reach.ts';
import { IdempotencyStore } from './gateway/idempotency/idempotency-store.ts';
import { KeyPools } from './policy/key-pools.ts';
import { inCluster } from './compose/in-cluster.ts';
import { internalRoutes } from './admin/internal/internal-routes.ts';
import { LiveConfig } from './compose/live-config.ts';
import { LiveEndpoints } from './compose/live-endpoints.ts';
import { fixedSource, openConfig, type OpenedConfig } from './compose/open-config.ts';
import { listenForControl, type ControlListener } from './compose/control-listener.ts';
import { LedgerDesk } from './ledger/ledger-desk.ts';
import { LedgerError } from './ledger/ledger-error.ts';
import { LedgerUpkeep } from './ledger/ledger-upkeep.ts';
import { listenOn } from './compose/listen-on.ts';
import { listenToSiblings } from './compose/processes/sibling-listener.ts';
import { observedTransport } from './upstream/observed-transport.ts';
import { openKeyBook } from './compose/access/open-key-book.ts';
import { openSqliteLedger } from './ledger/open-sqlite-ledger.ts';
import { ownGateway } from './admin/internal/own-gateway.ts';
import { OwnKeeper } from './budget/own-keeper.ts';
import { ownedNames } from './policy/owning-process.ts';
import { pluggable } from './compose/pluggable.ts';
import { productVersion } from './cli/product-version.ts';
import { probableRetryRules, ProbableRetries } from './gateway/probable-retries.ts';
import { defaultRetryBudget, RetryBudget } from './policy/retry-budget.ts';
import { routes } from './gateway/routes.ts';
import { serveGateway, type Gateway, type ListenerLimits } from './gateway/serve-gateway.ts';
import { siblingsOf, type TakenSeat } from './compose/processes/taken-seat.ts';
import { spentOfLedger } from './compose/spent-of-ledger.ts';
import { startEmulators } from './compose/running-emulators.ts';
import { startEngines, type EngineSurroundings } from './compose/running-engines.ts';
import { StartProblem } from './compose/start-problem.ts';
import { StoredResponses } from './gateway/stored-responses.ts';
import { superviseGateway } from './compose/processes/supervise-gateway.ts';
import { systemClock } from './std/clock.ts';
import { timeOrderedIds } from './std/time-ordered-id.ts';
import { HttpTransport } from './upstream/http-transport.ts';
import { tlsListener } from './compose/tls-listener.ts';
import { watchPrices } from './compose/price-table.ts';
import { watchEventLoop } from './gateway/event-loop-lag.ts';
import type { Config } from './config/config-schema.ts';
import type { ConfigSource } from './config/config-source.ts';
import type { GatewayContext } from './gateway/gateway-context.ts';
import type { ReadSpent } from './budget/opening-sums.ts';
import type { Seat } from './compose/processes/process-message.ts';

/** Ctrl-C means now: running answers get this long, where a planned stop (SIGTERM) gets `limits.drainMs`. */
const interruptGraceMs = 1000;
/** Fewer requests than this do not make an event loop late. */
const sheddingFromRequests = 16;
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

type Cleanups = (() => Promise<void> | void)[];

async function guarded(say: (message: string) => void, run: (cleanups: Cleanups) => Promise<void>): Promise<number> {
  const cleanups: Cleanups = [];
  try {
    await run(cleanups);
    return 0;
  } catch (error) {
    if (!(error instanceof StartProblem) && !(error instanceof LedgerError)) throw error;
    say(error.message);
    return 1;
  } finally {
    // In the reverse order of building; each must run even where another fails.
    for (const cleanup of cleanups.toReversed()) {
      try {
        await cleanup();
      } catch (error) {
        say(String(error));
      }
    }
  }
}

function privateFolder(cleanups: Cleanups): string {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Either alone, with the configuration and who may change it, or in one of several places. */
async function serve(config: Config, opened: OpenedConfig | undefined, taken: TakenSeat | undefined, io: UpIo, cleanups: Cleanups): Promise<void> {
  const clock = systemClock;
  const { index, count } = taken?.seat ?? { index: 0, count: 1 };
  const ledger = await openSqliteLedger({ ...config.ledger, clock });
  cleanups.push(() => ledger.close());
  const { retentionDays, chargeRetentionDays } = config.ledger;
  const desk = new LedgerDesk((task) => ledger.ask(task));
  const upkeep = new LedgerUpkeep({
    clock,
    retention: { attemptDays: retentionDays, chargeDays: chargeRetentionDays },
    keep: (rules) => desk.keep(rules),
  });
  upkeep.start();
  cleanups.push(() => upkeep.stop());
  const access = await openKeyBook(config, clock, io.say);
  cleanups.push(access.stop);
  const transport = new HttpTransport(
    {
      connectTimeoutMs: config.limits.connectTimeoutMs,
      headerBytes: config.limits.headerBytes,
      connectionsPerEndpoint: config.limits.concurrentRequests,
      isAllowedAddress,
    },
    clock,
  );
  cleanups.push(() => transport.close());
  const fleet = new Fleet(clock, () => new Breaker({ ...defaultHealthRules, ...config.health }, Math.random));
  const hedging = new Hedging(config.hedging);
  const emptyAnswers = new EmptyAnswers();
  const keys = new KeyPools({ ...defaultHealthRules, ...config.health }, Math.random, io.say);
  const dialects = new DialectTransport(observedTransport(transport, keys, clock), config.limits, clock);
  const eventLoopLag = watchEventLoop(clock);
  cleanups.push(eventLoopLag.stop);
  const newId = timeOrderedIds(clock, randomFillSync, taken?.seat.mark);
  const prices = watchPrices(config.prices, io.say);
  io.onHangup(prices.reload);
  cleanups.push(prices.stop);
  const spent = (rules: Config['budgets']): ReadSpent => spentOfLedger(rules, config.ledger.directory);
  const keeper = taken === undefined ? new OwnKeeper(config.budgets, spent(config.budgets), clock) : taken.keeper(clock);
  const limits = { keeper, answerTokens: config.budgets.answerTokens, mediaTokens: config.budgets.mediaTokens };
  let turn = 0;
  let control: ControlListener | undefined;
  const context: GatewayContext = {
    relay: {
      clock,
      fleet,
      transport: dialects,
      keys,
      ledger,
      prices: prices.book,
      limits: { ...config.limits, holdBytes: config.continuation.holdBytes },
      hedgeDelayMs: ({ deployment }, form) => hedging.delayMs(deployment.id, form),
      emptyAnswers,
      heardFirst: ({ deployment }, form, afterMs) => hedging.heard(deployment.id, form, afterMs),
      retryBudget: new RetryBudget({ ...defaultRetryBudget, floorPerSecond: defaultRetryBudget.floorPerSecond / count }),
      throttle: new AdaptiveThrottle(defaultThrottleRules, Math.random),
      newId: config.storedResponses.enabled ? ownedNames(newId, index, count) : newId,
      nextTurn: () => turn++,
    },
    authenticate: authenticateBy({ ...access, listenKeys: config.listen.keys, clock }),
    tenantMark: access.tenantMark,
    limits,
    requestLimits: defaultRequestLimits,
    requestBodyBytes: config.limits.requestBodyBytes,
    writeStallMs: config.limits.clientWriteStallMs,
    concurrentRequests: config.limits.concurrentRequests,
    continuation: config.continuation,
    eventLoopLag,
    shedding: { aboveLagMs: config.limits.eventLoopLagMs, fromRequests: sheddingFromRequests },
    probableRetries: new ProbableRetries(probableRetryRules),
    idempotency: new IdempotencyStore(config.idempotency),
    storedResponses: config.storedResponses.enabled ? new StoredResponses(config.storedResponses) : undefined,
    provenance: config.responses.provenance,
    loopbackOnly: !config.listen.publicAccess,
    ledgerHealth: () => ({ ...ledger.health() }),
    processIndex: index,
    siblings: taken === undefined ? undefined : siblingsOf(taken, transport),
    pageUrl: () => taken?.seat.pageUrl ?? control?.pageUrl,
    startedAtMs: clock.nowMs(),
    startedAtWallMs: clock.wallMs(),
    version,
    report: (message) => io.say(message),
    ...pluggable(fleet, transport, keys),
  };
  const listening = { headerBytes: config.limits.headerBytes, headersTimeoutMs: 5000, requestTimeoutMs: 15_000 };
  const gateway = serveGateway(context, routes, listening);
  const secure = config.listen.tls === undefined ? undefined : tlsListener(config.listen.tls, (socket) => gateway.server.accept(socket), io.say);
  if (secure !== undefined) io.onHangup(secure.reload);
  const listen = (port: number): Promise<string> =>
    listenOn(secure?.server ?? gateway.server.listener, config.listen.host, port, secure === undefined ? 'http' : 'https', taken !== undefined);
  cleanups.push(() => gateway.stop(0));
  if (secure !== undefined) cleanups.push(secure.stop);
  const alone = taken === undefined ? await listen(config.listen.port) : undefined;
  const endpoints = new LiveEndpoints({
    fleet,
    keys,
    transport: dialects,
    clock,
    say: io.say,
    records: new Resolver({ timeout: 2000, tries: 2 }),
    cluster: () => inCluster(process.env, (path) => readFileSync(path, 'utf8')),
    leave: (endpointId) => transport.leave(endpointId),
    whenGone: (endpointId, deployments) => {
      transport.cut(endpointId);
      keys.forget(endpointId);
      for (const { id } of deployments) for (const known of [hedging, emptyAnswers]) known.forget(id);
    },
  });
  cleanups.push(() => endpoints.stop());
  const useBudgets = ({ budgets }: Config): void => {
    keeper.change(budgets, spent(budgets));
    limits.answerTokens = budgets.answerTokens;
    limits.mediaTokens = budgets.mediaTokens;
  };
  // Each of them stands in `liveSections`, by which several processes are told.
  const live = new LiveConfig(config, [
    { sections: ['endpoints'], use: (next) => endpoints.use(next.endpoints) },
    { sections: ['teams'], use: (next) => access.teams.use(next.teams) },
    { sections: ['budgets'], use: useBudgets },
    { sections: ['prices'], use: (next) => prices.use(next.prices) },
  ]);
  taken?.obeyConfig(live);
  if (opened !== undefined) {
    const around = {
      clock,
      pageFolder,
      say: io.say,
      onHangup: io.onHangup,
      ledger: controlledLedger({ directory: config.ledger.directory, desk, clock, gather: async () => {} }),
      keys: access.book,
      budgetStanding: () => (keeper instanceof OwnKeeper ? keeper.budgets.standing(clock.wallMs()) : []),
      apply: (next: Config) => live.use(next),
    };
    control = await listenForControl(opened, ownGateway(context), around);
  }
  cleanups.push(() => control?.stop(0));
  const local = { fleet, clock, say: io.say };
  if (taken === undefined) await startLocal(config, { ...local, socketDirectory: privateFolder(cleanups) }, cleanups);
  else taken.follow(fleet);
  await endpoints.use(config.endpoints);
  live.begun();
  await taken?.obeyPlugs(context);
  const apart = taken === undefined ? undefined : await serveSiblings(taken.seat, context, listening, cleanups);
  // One that returns beside others must not be asked before it knows what it can serve.
  const url = alone ?? (await listen(taken?.seat.port ?? 0));
  taken?.report({ kind: 'serving', url, endpoints: fleet.status() });
  const needsKey = config.listen.keys.length > 0 || access.book.isRequired;
  if (control !== undefined) for (const line of describeFleet(url, control, fleet.status(), needsKey)) io.say(line);
  io.serving?.(url);
  const asked = await io.stopped;
  if (taken === undefined) io.say('stopping …');
  secure?.stop();
  // Running answers end before what computes them is stopped.
  const graceMs = asked === 'terminate' ? config.limits.drainMs : interruptGraceMs;
  await Promise.all([gateway.stop(graceMs), apart?.stop(graceMs), control?.stop(graceMs)]);
}

/** Engines and emulators of this process. */
async function startLocal(config: Config, around: EngineSurroundings, cleanups: Cleanups): Promise<void> {
  const engines = await startEngines(config.engines, around);
  cleanups.push(async () => void (await Promise.all(engines.map(({ engine }) => engine.stop()))));
  const emulators = await startEmulators(config.emulators, engines, around);
  cleanups.push(async () => void (await Promise.all(emulators.map((emulator) => emulator.stop()))));
}

/** The same gateway for what siblings pass on, which were counted and admitted where they came in and go no further. */
async function serveSiblings(seat: Seat, context: GatewayContext, listening: ListenerLimits, cleanups: Cleanups): Promise<Gateway> {
  const concurrentRequests = context.concurrentRequests * seat.count;
  const apart = serveGateway({ ...context, concurrentRequests, siblings: undefined }, [...routes, ...internalRoutes], listening);
  cleanups.push(() => apart.stop(0));
  cleanups.push(await listenToSiblings(seat, apart));
  return apart;
}
