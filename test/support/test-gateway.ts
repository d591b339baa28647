import { authenticateBy } from '../../src/gateway/authenticate.ts';
import { doorkeeping, type DoorkeepingOptions } from './doorkeeping.ts';
import { clientSide, type ClientSideOptions } from './client-side.ts';
import { countedRouting, type CountedRouting, type CountedRoutingOptions } from './counted-routing.ts';
import { createMemoryLedger, type MemoryLedger } from '../../src/ledger/memory-ledger.ts';
import { defaultRequestLimits } from '../../src/protocol/request-limits.ts';
import { AdaptiveThrottle, defaultThrottleRules } from '../../src/policy/adaptive-throttle.ts';
import { Breaker } from '../../src/policy/breaker.ts';
import { defaultHealthRules } from '../../src/policy/health-rules.ts';
import { EmptyAnswers } from '../../src/policy/empty-answers.ts';
import { DialectTransport } from '../../src/upstream/dialect-transport.ts';
import { Fleet } from '../../src/fleet/fleet.ts';
import { isAllowedAddress } from '../../src/config/host-reach.ts';
import { KeyPools } from '../../src/policy/key-pools.ts';
import { LedgerError } from '../../src/ledger/ledger-error.ts';
import { listenOn } from '../../src/compose/listen-on.ts';
import { observedTransport } from '../../src/upstream/observed-transport.ts';
import { pluggable } from '../../src/compose/pluggable.ts';
import { defaultRetryBudget, RetryBudget } from '../../src/policy/retry-budget.ts';
import { OwnKeeper } from '../../src/budget/own-keeper.ts';
import { routes } from '../../src/gateway/routes.ts';
import { sampleRules } from '../../src/budget/testing/sample-rules.ts';
import { serveGateway, type ListenerLimits } from '../../src/gateway/serve-gateway.ts';
import { SharedTimeout } from '../../src/std/shared-timeout.ts';
import { systemClock } from '../../src/std/clock.ts';
import { tellNoKeys } from './tell-no-keys.ts';
import { testDeployment, testEndpoint, testLimits, type TestEndpoint } from './test-fleet.ts';
import { HttpTransport } from '../../src/upstream/http-transport.ts';
import type { BudgetStanding } from '../../src/budget/budgets.ts';
import type { LimitKeeper } from '../../src/budget/limit-keeper.ts';
import type { LimitRules } from '../../src/budget/limits.ts';
import type { PriceBook } from '../../src/budget/price-book.ts';
import type { ReadSpent, SpentRow } from '../../src/budget/opening-sums.ts';
import type { AttemptClosed, Charge } from '../../src/ledger/ledger.ts';
import type { Clock } from '../../src/std/clock.ts';
import type { GatewayContext } from '../../src/gateway/gateway-context.ts';
import type { Random } from '../../src/std/random.ts';
import type { RelayLimits } from '../../src/upstream/relay-request.ts';

export interface TestGateway {
  readonly url: string;
  readonly context: GatewayContext;
  readonly fleet: Fleet;
  readonly ledger: MemoryLedger;
  readonly charges: readonly Charge[];
  readonly closed: readonly AttemptClosed[];
  readonly reports: readonly string[];
  /** Undefined where requests go to the least loaded, by turns. */
  readonly routing: CountedRouting | undefined;
  /** Requests that came in, refused ones included. */
  readonly requests: () => number;
  /** Connections that clients hold now. */
  readonly connections: () => Promise<number>;
  /** How its budgets stand. */
  readonly standing: () => readonly BudgetStanding[];
  readonly stop: () => Promise<void>;
}

/** The real gateway over real sockets, with a ledger in memory, in front of whatever a test has started. */
export async function startTestGateway(
  endpoints: readonly TestEndpoint[],
  options: ClientSideOptions &
    DoorkeepingOptions & {
      readonly limits?: Partial<RelayLimits>;
      readonly requestBodyBytes?: number;
      readonly ledgerFails?: boolean;
      readonly continuation?: Partial<GatewayContext['continuation']>;
      readonly hedgeDelayMs?: number;
      readonly writeStallMs?: number;
      readonly clock?: Clock;
      readonly concurrentRequests?: number;
      readonly listener?: Partial<ListenerLimits>;
      readonly budgets?: Partial<LimitRules>;
      readonly readSpent?: ReadSpent;
      /** Stands before the keeper of the limits, to watch it. */
      readonly watchKeeper?: (keeper: LimitKeeper) => LimitKeeper;
      readonly prices?: PriceBook;
      readonly tenantMark?: GatewayContext['tenantMark'];
      readonly authenticate?: GatewayContext['authenticate'];
      /** Routes by prediction, as production does. */
      readonly routing?: CountedRoutingOptions & { readonly random?: Random };
    } = {},
): Promise<TestGateway> {
  const clock = options.clock ?? systemClock;
  const fleet = new Fleet(clock, () => new Breaker(defaultHealthRules, Math.random));
  const transport = new HttpTransport(
    {
      connectTimeoutMs: 1000,
      headerBytes: 16_384,
      connectionsPerEndpoint: 64,
      isAllowedAddress,
    },
    clock,
  );
  const reports: string[] = [];
  const keys = new KeyPools(defaultHealthRules, Math.random, (message) => reports.push(message));
  const memory = createMemoryLedger();
  const charges: Charge[] = [];
  const closed: AttemptClosed[] = [];
  const ledger: MemoryLedger = {
    ...memory,
    openAttempt: (attempt) =>
      options.ledgerFails === true
        ? Promise.reject(new LedgerError('full', 'The ledger cannot be written because the disk is full.'))
        : memory.openAttempt(attempt),
    charge: (charge) => {
      charges.push(charge);
      memory.charge(charge);
    },
    closeAttempt: (attempt) => {
      closed.push(attempt);
      memory.closeAttempt(attempt);
    },
  };
  for (const entry of endpoints) fleet.put(testEndpoint(entry), [testDeployment(entry)], 'ready');
  const keeper =
    options.budgets === undefined
      ? undefined
      : new OwnKeeper(sampleRules(options.budgets), options.readSpent ?? ((): readonly SpentRow[] => []), clock);
  const routing = options.routing && countedRouting(options.routing.random ?? Math.random, options.routing);
  let id = 0;
  let turn = 0;
  const context: GatewayContext = {
    relay: {
      clock,
      fleet,
      transport: new DialectTransport(observedTransport(transport, keys, clock), testLimits, clock),
      keys,
      ledger,
      limits: { ...testLimits, ...options.limits },
      totalTimeout: new SharedTimeout(clock, options.limits?.totalTimeoutMs ?? testLimits.totalTimeoutMs),
      retryBudget: new RetryBudget(defaultRetryBudget),
      throttle: new AdaptiveThrottle(defaultThrottleRules, Math.random),
      newId: () => `id${id++}`,
      hedgeDelayMs: () => options.hedgeDelayMs,
      emptyAnswers: new EmptyAnswers(),
      heardFirst: () => {},
      nextTurn: () => turn++,
      routing: routing?.routing,
      ...(options.prices === undefined ? {} : { prices: options.prices }),
    },
    ...clientSide(clock, options),
    routing: routing?.desk,
    authenticate: options.authenticate ?? authenticateBy(doorkeeping(clock, options)),
    tenantMark: options.tenantMark,
    limits: keeper === undefined ? undefined : { keeper: options.watchKeeper?.(keeper) ?? keeper, answerTokens: 8192, mediaTokens: 50_000 },
    requestLimits: defaultRequestLimits,
    requestBodyBytes: options.requestBodyBytes ?? 1 << 20,
    continuation: { lowest: 'prefill', hold: 'none', ...options.continuation },
    writeStallMs: options.writeStallMs ?? 5000,
    concurrentRequests: options.concurrentRequests ?? 100,
    loopbackOnly: true,
    ledgerHealth: () => ({ ...ledger.health() }),
    pageUrl: () => undefined,
    version: 'test',
    report: (message) => reports.push(message),
    ...pluggable(fleet, transport, keys),
  };
  const gateway = serveGateway(context, routes, { headerBytes: 16_384, headersTimeoutMs: 5000, requestTimeoutMs: 15_000, ...options.listener });
  const url = await listenOn(gateway.server.listener, { host: '127.0.0.1', port: 0, backlog: 4096 });
  return {
    url,
    context,
    fleet,
    ledger,
    charges,
    closed,
    reports,
    routing,
    requests: () => gateway.server.requests,
    connections: () => Promise.resolve(gateway.server.connections),
    standing: () => keeper?.budgets.standing(clock.wallMs()) ?? [],
    stop: async () => {
      await gateway.stop(0);
      transport.close();
      tellNoKeys(endpoints, { reports, charges, closed, status: fleet.status() });
    },
  };
}
