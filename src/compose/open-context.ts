import { authenticateBy } from '../gateway/authenticate.ts';
import { defaultRequestLimits } from '../protocol/request-limits.ts';
import { ExplainedRequests } from '../gateway/explained-requests.ts';
import { IdempotencyStore } from '../gateway/idempotency/idempotency-store.ts';
import { pluggable } from './pluggable.ts';
import { probableRetryRules, ProbableRetries } from '../gateway/probable-retries.ts';
import { siblingsOf, type TakenSeat } from './processes/taken-seat.ts';
import { StoredResponses } from '../gateway/stored-responses.ts';
import { watchEventLoop } from '../gateway/event-loop-lag.ts';
import type { Cleanups } from './cleanups.ts';
import type { Clock } from '../std/clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { GatewayContext } from '../gateway/gateway-context.ts';
import type { LimitDesk } from '../gateway/admit-request.ts';
import type { openKeyBook } from './access/open-key-book.ts';
import type { OpenedLedger } from './open-ledger.ts';
import type { OpenedRelay } from './open-relay.ts';

export interface ContextSurroundings {
  readonly clock: Clock;
  readonly say: (message: string) => void;
  readonly version: string;
  readonly access: Awaited<ReturnType<typeof openKeyBook>>;
  readonly limits: LimitDesk;
  readonly ledger: OpenedLedger['ledger'];
  /** Undefined where this process serves alone. */
  readonly taken: TakenSeat | undefined;
  readonly pageUrl: () => string | undefined;
}

/** Fewer requests than this do not make an event loop late. */
const sheddingFromRequests = 16;

/** All that the routes share, from the configuration and what was built from it. */
export function openContext(config: Config, opened: OpenedRelay, around: ContextSurroundings, cleanups: Cleanups): GatewayContext {
  const { clock, say, version, access, limits, ledger, taken, pageUrl } = around;
  const { relay, fleet, transport, keys, routing, shares } = opened;
  const eventLoopLag = watchEventLoop(clock);
  cleanups.push(eventLoopLag.stop);
  return {
    relay,
    authenticate: authenticateBy({ ...access, listenKeys: config.listen.keys, clock }),
    tenantMark: access.tenantMark,
    limits,
    routing: routing.desk,
    capTallies: shares.tallies,
    explained: new ExplainedRequests(),
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
    processIndex: taken?.seat.index ?? 0,
    siblings: taken === undefined ? undefined : siblingsOf(taken, transport),
    pageUrl,
    startedAtMs: clock.nowMs(),
    startedAtWallMs: clock.wallMs(),
    version,
    report: say,
    ...pluggable(fleet, transport, keys),
  };
}
