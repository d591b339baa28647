import { randomFillSync } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { authenticateBy } from './gateway/authenticate.ts';
import { connectEndpoints } from './compose/connect-endpoints.ts';
import { controlRoutes } from './admin/control-routes.ts';
import { defaultRequestLimits } from './protocol/request-limits.ts';
import { demoConfig } from './compose/demo-config.ts';
import { discoverEndpoints } from './compose/discover-endpoints.ts';
import { describeFleet } from './compose/describe-fleet.ts';
import { AdaptiveThrottle, defaultThrottleRules } from './policy/adaptive-throttle.ts';
import { Breaker } from './policy/breaker.ts';
import { defaultHealthRules } from './policy/health-rules.ts';
import { Hedging } from './policy/hedging.ts';
import { EmptyAnswers } from './policy/empty-answers.ts';
import { DialectTransport } from './upstream/dialect-transport.ts';
import { Fleet } from './fleet/fleet.ts';
import { hostReach } from './config/host-reach.ts';
import { IdempotencyStore } from './gateway/idempotency/idempotency-store.ts';
import { KeyPools } from './policy/key-pools.ts';
import { inCluster } from './compose/in-cluster.ts';
import { LedgerError } from './ledger/ledger-error.ts';
import { listenOn } from './compose/listen-on.ts';
import { observedTransport } from './upstream/observed-transport.ts';
import { openSqliteLedger } from './ledger/open-sqlite-ledger.ts';
import { pluggable } from './compose/pluggable.ts';
import { productVersion } from './cli/product-version.ts';
import { probableRetryRules, ProbableRetries } from './gateway/probable-retries.ts';
import { readPageFiles } from './gateway/page-files.ts';
import { defaultRetryBudget, RetryBudget } from './policy/retry-budget.ts';
import { routes } from './gateway/routes.ts';
import { serveGateway } from './gateway/serve-gateway.ts';
import { startEmulators } from './compose/running-emulators.ts';
import { startEngines } from './compose/running-engines.ts';
import { StartProblem } from './compose/start-problem.ts';
import { StoredResponses } from './gateway/stored-responses.ts';
import { systemClock } from './std/clock.ts';
import { timeOrderedIds } from './std/time-ordered-id.ts';
import { HttpTransport } from './upstream/http-transport.ts';
import { tlsListener } from './compose/tls-listener.ts';
import { watchEventLoop } from './gateway/event-loop-lag.ts';
import type { Config } from './config/config-schema.ts';
import type { GatewayContext } from './gateway/gateway-context.ts';

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

export interface UpOptions {
  readonly demo: boolean;
}

/** Builds everything, passes clocks and randomness in, serves until told to stop. Resolves to the exit code. */
export async function runUp(given: Config, options: UpOptions, io: UpIo): Promise<number> {
  const cleanups: (() => Promise<void> | void)[] = [];
  try {
    const config = options.demo ? demoConfig(given, join(root, 'models/demo/second-source-demo.gguf')) : given;
    await serve(config, io, cleanups);
    return 0;
  } catch (error) {
    if (!(error instanceof StartProblem) && !(error instanceof LedgerError)) throw error;
    io.say(error.message);
    return 1;
  } finally {
    // In the reverse order of building; each must run even where another fails.
    for (const cleanup of cleanups.toReversed()) {
      try {
        await cleanup();
      } catch (error) {
        io.say(String(error));
      }
    }
  }
}

async function serve(config: Config, io: UpIo, cleanups: (() => Promise<void> | void)[]): Promise<void> {
  const clock = systemClock;
  const socketDirectory = mkdtempSync(join(tmpdir(), 'second-source-'));
  cleanups.push(() => rmSync(socketDirectory, { recursive: true, force: true }));
  const ledger = await openSqliteLedger({ directory: config.ledger.directory, fsync: config.ledger.fsync, clock });
  cleanups.push(() => ledger.close());
  const transport = new HttpTransport(
    {
      connectTimeoutMs: config.limits.connectTimeoutMs,
      headerBytes: config.limits.headerBytes,
      connectionsPerEndpoint: config.limits.concurrentRequests,
      isPublicAddress: (address) => hostReach(address) === 'public',
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
  let turn = 0;
  const context: GatewayContext = {
    relay: {
      clock,
      fleet,
      transport: dialects,
      keys,
      ledger,
      limits: { ...config.limits, holdBytes: config.continuation.holdBytes },
      hedgeDelayMs: ({ deployment }, form) => hedging.delayMs(deployment.id, form),
      emptyAnswers,
      heardFirst: ({ deployment }, form, afterMs) => hedging.heard(deployment.id, form, afterMs),
      retryBudget: new RetryBudget(defaultRetryBudget),
      throttle: new AdaptiveThrottle(defaultThrottleRules, Math.random),
      newId: timeOrderedIds(clock, randomFillSync),
      nextTurn: () => turn++,
    },
    authenticate: authenticateBy(config.listen.keys),
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
    page: readPageFiles(join(root, 'web/dist')),
    startedAtMs: clock.nowMs(),
    startedAtWallMs: clock.wallMs(),
    version: productVersion({ readFile: (path) => readFileSync(path, 'utf8') }),
    report: (message) => io.say(message),
    ...pluggable(fleet, transport, keys),
  };
  const gateway = serveGateway(context, [...routes, ...controlRoutes], {
    headerBytes: config.limits.headerBytes,
    headersTimeoutMs: 5000,
    requestTimeoutMs: 15_000,
  });
  const secure = config.listen.tls === undefined ? undefined : tlsListener(config.listen.tls, (socket) => gateway.server.accept(socket), io.say);
  if (secure !== undefined) io.onHangup(secure.reload);
  const listener = secure?.server ?? gateway.server.listener;
  const url = await listenOn(listener, config.listen.host, config.listen.port, secure === undefined ? 'http' : 'https');
  cleanups.push(() => gateway.stop(0));
  if (secure !== undefined) cleanups.push(secure.stop);
  const engines = await startEngines(config.engines, { fleet, clock, socketDirectory, say: io.say });
  cleanups.push(async () => void (await Promise.all(engines.map(({ engine }) => engine.stop()))));
  const emulators = await startEmulators(config.emulators, engines, { fleet, clock, socketDirectory });
  cleanups.push(async () => void (await Promise.all(emulators.map((emulator) => emulator.stop()))));
  const around = { fleet, keys, transport: dialects, clock, say: io.say };
  const fixed = config.endpoints.filter(({ discover }) => discover === undefined);
  cleanups.push(await connectEndpoints(fixed, around));
  cleanups.push(
    await discoverEndpoints(config.endpoints, {
      ...around,
      records: new Resolver({ timeout: 2000, tries: 2 }),
      cluster: () => inCluster(process.env, (path) => readFileSync(path, 'utf8')),
      whenGone: (endpointId, deployments) => {
        transport.cut(endpointId);
        keys.forget(endpointId);
        for (const { id } of deployments) for (const known of [hedging, emptyAnswers]) known.forget(id);
      },
    }),
  );
  for (const line of describeFleet(url, fleet.status(), config.listen.keys.length > 0, context.page.has('/'))) io.say(line);
  io.serving?.(url);
  const asked = await io.stopped;
  io.say('stopping …');
  secure?.stop();
  // Running answers end before what computes them is stopped.
  await gateway.stop(asked === 'terminate' ? config.limits.drainMs : interruptGraceMs);
}
