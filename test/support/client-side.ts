import { ExplainedRequests } from '../../src/gateway/explained-requests.ts';
import { IdempotencyStore, type IdempotencyLimits } from '../../src/gateway/idempotency/idempotency-store.ts';
import { probableRetryRules, ProbableRetries } from '../../src/gateway/probable-retries.ts';
import { StoredResponses, type StoredResponsesLimits } from '../../src/gateway/stored-responses.ts';
import type { Clock } from '../../src/std/clock.ts';
import type { GatewayContext } from '../../src/gateway/gateway-context.ts';

export interface ClientSideOptions {
  readonly idempotency?: Partial<IdempotencyLimits>;
  readonly storedResponses?: Partial<StoredResponsesLimits>;
  readonly lagP99Ms?: () => number;
  readonly provenance?: GatewayContext['provenance'];
  readonly siblings?: GatewayContext['siblings'];
}

type ClientSide = Pick<
  GatewayContext,
  | 'eventLoopLag'
  | 'explained'
  | 'shedding'
  | 'probableRetries'
  | 'idempotency'
  | 'storedResponses'
  | 'provenance'
  | 'siblings'
  | 'startedAtMs'
  | 'startedAtWallMs'
>;

/** What a gateway under test knows of its clients and itself: nothing yet, small limits, no lag. */
export function clientSide(clock: Clock, options: ClientSideOptions = {}): ClientSide {
  return {
    eventLoopLag: { p99Ms: options.lagP99Ms ?? (() => 0) },
    shedding: { aboveLagMs: 100, fromRequests: 0 },
    probableRetries: new ProbableRetries(probableRetryRules),
    explained: new ExplainedRequests(),
    idempotency: new IdempotencyStore({ maxEntries: 100, maxBytes: 1 << 20, keepMs: 60_000, ...options.idempotency }),
    storedResponses:
      options.storedResponses && new StoredResponses({ maxEntries: 100, maxBytes: 1 << 20, keepMs: 60_000, ...options.storedResponses }),
    provenance: options.provenance ?? 'full',
    siblings: options.siblings,
    startedAtMs: clock.nowMs(),
    startedAtWallMs: clock.wallMs(),
  };
}
