import { randomBytes } from 'node:crypto';
import { AdaptiveThrottle, defaultThrottleRules } from '../policy/adaptive-throttle.ts';
import { Breaker } from '../policy/breaker.ts';
import { defaultHealthRules } from '../policy/health-rules.ts';
import { defaultRetryBudget, RetryBudget } from '../policy/retry-budget.ts';
import { DialectTransport } from '../upstream/dialect-transport.ts';
import { EmptyAnswers } from '../policy/empty-answers.ts';
import { Fleet } from '../fleet/fleet.ts';
import { gaugesId } from '../upstream/gauge-endpoint.ts';
import { Hedging } from '../policy/hedging.ts';
import { HttpTransport } from '../upstream/http-transport.ts';
import { isAllowedAddress } from '../config/host-reach.ts';
import { KeyPools } from '../policy/key-pools.ts';
import { observedTransport } from '../upstream/observed-transport.ts';
import { openRouting, type OpenedRouting } from './open-routing.ts';
import { openShares, type OpenedShares } from './open-shares.ts';
import { ownedNames } from '../policy/owning-process.ts';
import { SharedTimeout } from '../std/shared-timeout.ts';
import { timeOrderedIds } from '../std/time-ordered-id.ts';
import { watchPrices, type WatchedPrices } from './price-table.ts';
import type { Cleanups } from './cleanups.ts';
import type { Clock } from '../std/clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Deployment } from '../fleet/deployment.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RelayDependencies } from '../upstream/relay-request.ts';

export interface RelaySurroundings {
  readonly clock: Clock;
  readonly say: (message: string) => void;
  readonly onHangup: (run: () => void) => void;
  readonly ledger: Ledger;
  readonly index: number;
  /** Stands in the ids of this process, so that they are its own. */
  readonly mark: string | undefined;
  readonly count: number;
}

export interface OpenedRelay {
  readonly relay: RelayDependencies;
  readonly fleet: Fleet;
  readonly keys: KeyPools;
  readonly prices: WatchedPrices;
  readonly routing: OpenedRouting;
  readonly shares: OpenedShares;
  /** Plain HTTP, below the dialects. */
  readonly transport: HttpTransport;
  /** The next request to this endpoint opens a connection of its own. */
  readonly leave: (endpointId: string) => void;
  /** Nothing runs any more on an endpoint that is gone: whatever is kept of it goes. */
  readonly whenGone: (endpointId: string, deployments: readonly Deployment[]) => void;
}

/** All that dispatch and relay need: the network, the fleet and what is learned of it. */
export async function openRelay(config: Config, around: RelaySurroundings, cleanups: Cleanups): Promise<OpenedRelay> {
  const { clock, say, onHangup, ledger, index, count, mark } = around;
  const { connectTimeoutMs, headerBytes, concurrentRequests } = config.limits;
  const transport = new HttpTransport({ connectTimeoutMs, headerBytes, connectionsPerEndpoint: concurrentRequests, isAllowedAddress }, clock);
  cleanups.push(() => transport.close());
  const healthRules = { ...defaultHealthRules, ...config.health };
  const fleet = new Fleet(clock, () => new Breaker(healthRules, Math.random));
  const hedging = new Hedging(config.hedging);
  const emptyAnswers = new EmptyAnswers();
  const keys = new KeyPools(healthRules, Math.random, say);
  const prices = watchPrices(config.prices, say);
  onHangup(prices.reload);
  cleanups.push(prices.stop);
  const newId = timeOrderedIds(clock, (digits) => randomBytes(digits / 2).toString('hex'), mark);
  const keepsTenantsApart = config.teams.length > 0;
  const shares = openShares(config, { clock, fleet, say, processes: count });
  cleanups.push(shares.stop);
  const learning = {
    clock,
    random: Math.random,
    say,
    fleet,
    prices: prices.book,
    transport,
    shares: shares.shares,
    chip: shares.chip,
    processIndex: index,
    keepsTenantsApart,
  };
  const routing = await openRouting(config, learning);
  cleanups.push(routing.stop);
  let turn = 0;
  return {
    relay: {
      clock,
      fleet,
      transport: new DialectTransport(observedTransport(transport, keys, clock), config.limits, clock),
      keys,
      ledger,
      prices: prices.book,
      routing: routing.routing,
      limits: { ...config.limits, holdBytes: config.continuation.holdBytes },
      totalTimeout: new SharedTimeout(clock, config.limits.totalTimeoutMs),
      hedgeDelayMs: ({ deployment }, form) => hedging.delayMs(deployment.id, form),
      emptyAnswers,
      heardFirst: ({ deployment }, form, afterMs) => hedging.heard(deployment.id, form, afterMs),
      retryBudget: new RetryBudget({ ...defaultRetryBudget, floorPerSecond: defaultRetryBudget.floorPerSecond / count }),
      throttle: new AdaptiveThrottle(defaultThrottleRules, Math.random),
      newId: config.storedResponses.enabled ? ownedNames(newId, index, count) : newId,
      nextTurn: () => turn++,
    },
    fleet,
    keys,
    prices,
    routing,
    shares,
    transport,
    leave: (endpointId) => {
      for (const id of [endpointId, gaugesId(endpointId)]) transport.leave(id);
    },
    whenGone: (endpointId, deployments) => {
      for (const id of [endpointId, gaugesId(endpointId)]) transport.cut(id);
      keys.forget(endpointId);
      for (const { id } of deployments) for (const known of [hedging, emptyAnswers]) known.forget(id);
      routing.forget(deployments.map(({ id }) => id));
    },
  };
}
