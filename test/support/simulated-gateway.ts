import { AdaptiveThrottle, defaultThrottleRules } from '../../src/policy/adaptive-throttle.ts';
import { authenticateBy } from '../../src/gateway/authenticate.ts';
import { Breaker } from '../../src/policy/breaker.ts';
import { doorkeeping } from './doorkeeping.ts';
import { clientSide } from './client-side.ts';
import { countedRouting } from './counted-routing.ts';
import { createMemoryLedger } from '../../src/ledger/memory-ledger.ts';
import { defaultHealthRules } from '../../src/policy/health-rules.ts';
import { defaultRequestLimits } from '../../src/protocol/request-limits.ts';
import { defaultRetryBudget, RetryBudget } from '../../src/policy/retry-budget.ts';
import { EmptyAnswers } from '../../src/policy/empty-answers.ts';
import { Fleet } from '../../src/fleet/fleet.ts';
import { Hedging, type HedgingRules } from '../../src/policy/hedging.ts';
import { LedgerError } from '../../src/ledger/ledger-error.ts';
import { MemoryConnection, type ConnectionPeer } from './memory-connection.ts';
import { routes } from '../../src/gateway/routes.ts';
import { serveGateway } from '../../src/gateway/serve-gateway.ts';
import { success } from '../../src/std/result.ts';
import { SharedTimeout } from '../../src/std/shared-timeout.ts';
import { testLimits } from './test-fleet.ts';
import type { AccessRules } from '../../src/access/access-rules.ts';
import type { AttemptClosed, AttemptOpened, Charge, Ledger } from '../../src/ledger/ledger.ts';
import type { Deployment } from '../../src/fleet/deployment.ts';
import type { Endpoint } from '../../src/fleet/endpoint.ts';
import type { GatewayContext } from '../../src/gateway/gateway-context.ts';
import type { Random } from '../../src/std/random.ts';
import type { RelayLimits } from '../../src/upstream/relay-request.ts';
import type { Transport } from '../../src/upstream/transport.ts';
import type { VirtualClock } from './virtual-clock.ts';

const settlingTurns = 3;

/** All that one attempt left in the ledger, in the order in which it came. */
export interface LedgerRow {
  readonly opened: AttemptOpened;
  /** When the row was in the operating system's hands, so that the attempt could be dispatched. */
  writtenAtMs: number | undefined;
  readonly closed: AttemptClosed[];
}

export interface SimulatedGateway {
  readonly fleet: Fleet;
  readonly rows: readonly LedgerRow[];
  readonly charges: readonly Charge[];
  readonly reports: readonly string[];
  /** How often the routing was told that an attempt ended, by its id. */
  readonly ends: ReadonlyMap<string, number>;
  readonly connect: (peer: ConnectionPeer) => MemoryConnection;
  /** Runs the next event of the world and all that follows from it at once; false where nothing is left to happen. */
  readonly step: () => Promise<boolean>;
}

export interface SimulatedGatewayOptions {
  readonly clock: VirtualClock;
  /** For what the gateway leaves to chance. */
  readonly random: Random;
  readonly transport: Transport;
  readonly endpoints: readonly { readonly endpoint: Endpoint; readonly deployment: Deployment }[];
  readonly limits?: Partial<RelayLimits>;
  /** The keys that are let in; each is its own tenant. */
  readonly keys: readonly string[];
  /** What a tenant may use. */
  readonly rulesOf?: (tenant: string) => AccessRules | undefined;
  readonly concurrentRequests?: number;
  readonly writeStallMs?: number;
  readonly continuation?: Partial<GatewayContext['continuation']>;
  readonly hedging?: HedgingRules;
  /** How long the ledger takes to hand an attempt's row to the operating system; undefined where it cannot. */
  readonly ledgerMs?: () => number | undefined;
  /** A ledger that is given the same, besides; what it makes of it is read when the world has ended. */
  readonly alsoTo?: Ledger | undefined;
}

/**
 * The real gateway, from the bytes of a connection to the rows of the ledger, with time and network as arguments and
 * without a port: the server is handed connections in memory.
 */
export function simulatedGateway(options: SimulatedGatewayOptions): SimulatedGateway {
  const { clock, transport } = options;
  const fleet = new Fleet(clock, () => new Breaker(defaultHealthRules, options.random));
  for (const { endpoint, deployment } of options.endpoints) fleet.put(endpoint, [deployment], 'ready');
  const rows: LedgerRow[] = [];
  const charges: Charge[] = [];
  const reports: string[] = [];
  const authenticate = authenticateBy(doorkeeping(clock, options));
  const hedging = new Hedging(options.hedging ?? { enabled: false, leastDelayMs: 0 });
  const { routing, desk, ends } = countedRouting(options.random);
  let id = 0;
  let turn = 0;
  const { server } = serveGateway(
    {
      relay: {
        clock,
        fleet,
        transport,
        ledger: recordingLedger(options, rows, charges),
        limits: { ...testLimits, ...options.limits },
        totalTimeout: new SharedTimeout(clock, options.limits?.totalTimeoutMs ?? testLimits.totalTimeoutMs),
        retryBudget: new RetryBudget(defaultRetryBudget),
        newId: () => `id${id++}`,
        throttle: new AdaptiveThrottle(defaultThrottleRules, options.random),
        hedgeDelayMs: ({ deployment }, form) => hedging.delayMs(deployment.id, form),
        emptyAnswers: new EmptyAnswers(),
        heardFirst: ({ deployment }, form, afterMs) => hedging.heard(deployment.id, form, afterMs),
        nextTurn: () => turn++,
        routing,
      },
      routing: desk,
      authenticate: (headers) => {
        const authorization = String(headers['authorization'] ?? '');
        // What follows the dot names the request, so that a ledger row can be told whose it is.
        const admitted = authenticate({ ...headers, authorization: authorization.replace(/\.\d+$/, '') });
        const tenant = authorization.replace('Bearer ', '');
        return admitted.ok ? success({ ...admitted.value, tenant, rules: options.rulesOf?.(tenant) }) : admitted;
      },
      requestLimits: defaultRequestLimits,
      requestBodyBytes: 1 << 20,
      writeStallMs: options.writeStallMs ?? 5000,
      concurrentRequests: options.concurrentRequests ?? 1000,
      ...clientSide(clock),
      continuation: { lowest: 'prefill', hold: 'none', ...options.continuation },
      loopbackOnly: true,
      ledgerHealth: () => ({}),
      pageUrl: () => undefined,
      version: 'simulated',
      report: (message) => reports.push(message),
      unplug: async () => false,
      drain: async () => false,
      plug: async () => false,
    },
    routes,
    { headerBytes: 16_384, headersTimeoutMs: 5000, requestTimeoutMs: 15_000 },
  );
  return {
    fleet,
    rows,
    charges,
    reports,
    ends,
    connect: (peer) => {
      const connection = new MemoryConnection(peer);
      server.accept(connection);
      return connection;
    },
    step: async () => {
      const ran = clock.step();
      // What an event brings is read at the end of its turn, and sent at that of the next at the latest; promises and
      // ticks settle between.
      for (let turns = 0; turns < settlingTurns; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      return ran;
    },
  };
}

function recordingLedger({ clock, ledgerMs, alsoTo }: SimulatedGatewayOptions, rows: LedgerRow[], charges: Charge[]): Ledger {
  const byId = new Map<string, LedgerRow>();
  return {
    ...createMemoryLedger(),
    openAttempt: async (opened) => {
      const waitMs = ledgerMs === undefined ? 0 : ledgerMs();
      if (waitMs === undefined) throw new LedgerError('full', 'The ledger cannot be written because the disk is full.');
      const row: LedgerRow = { opened, writtenAtMs: undefined, closed: [] };
      rows.push(row);
      byId.set(opened.attemptId, row);
      void alsoTo?.openAttempt(opened);
      if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve));
      row.writtenAtMs = clock.nowMs();
    },
    closeAttempt: (closed) => {
      byId.get(closed.attemptId)?.closed.push(closed);
      alsoTo?.closeAttempt(closed);
    },
    charge: (charge) => {
      charges.push(charge);
      alsoTo?.charge(charge);
    },
  };
}
