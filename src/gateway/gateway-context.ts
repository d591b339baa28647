import type { Authenticate } from './authenticate.ts';
import type { LimitDesk } from './admit-request.ts';
import type { LowestTier } from '../policy/continuation-tier.ts';
import type { CapTally } from '../policy/shares/cap-tally.ts';
import type { ExplainedRequests } from './explained-requests.ts';
import type { EventLoopLag } from './event-loop-lag.ts';
import type { IdempotencyStore } from './idempotency/idempotency-store.ts';
import type { ProbableRetries } from './probable-retries.ts';
import type { RelayDependencies } from '../upstream/relay-request.ts';
import type { RequestLimits } from '../protocol/request-limits.ts';
import type { RoutingDesk } from './route-request.ts';
import type { ProvenanceSetting } from './shows-provenance.ts';
import type { SheddingRules } from './shed-load.ts';
import type { Siblings } from './siblings.ts';
import type { StoredResponses } from './stored-responses.ts';
import type { TenantMark } from '../protocol/profiles/mark-tenant.ts';
import type { SharedAnswer } from './idempotency/shared-answer.ts';

/** All that the routes share. Built once, in `main.ts`. */
export interface GatewayContext {
  readonly relay: RelayDependencies;
  readonly authenticate: Authenticate;
  /** Undefined where no key, no team and nothing as a whole can have a limit. */
  readonly limits?: LimitDesk | undefined;
  /** What stands for each tenant upstream; undefined where there is one alone. */
  readonly tenantMark?: ((tenant: string) => TenantMark | undefined) | undefined;
  /** Undefined where requests go to whoever has least to do. */
  readonly routing?: RoutingDesk | undefined;
  /** The choices of requests that asked to be explained. */
  readonly explained: ExplainedRequests;
  readonly requestLimits: RequestLimits;
  readonly requestBodyBytes: number;
  readonly writeStallMs: number;
  readonly concurrentRequests: number;
  readonly continuation: { readonly lowest: LowestTier; readonly hold: 'none' | 'structured' };
  readonly provenance: ProvenanceSetting;
  readonly eventLoopLag: EventLoopLag;
  readonly shedding: SheddingRules;
  readonly probableRetries: ProbableRetries;
  readonly idempotency: IdempotencyStore<SharedAnswer>;
  /** Undefined where conversations are not kept. */
  readonly storedResponses: StoredResponses | undefined;
  /** Whether only this machine can reach the listener. */
  readonly loopbackOnly: boolean;
  /** Which of the processes that serve one port this is; 0 where it serves alone. */
  readonly processIndex?: number;
  /** Undefined where this process serves alone, and for requests that a sibling passed on. */
  readonly siblings?: Siblings | undefined;
  /** Where the control page is; undefined where there is none that a browser on this machine could open. */
  readonly pageUrl: () => string | undefined;
  /** What the ledger cannot do at present, and what it had to refuse: shown to the operator. */
  readonly ledgerHealth: () => Readonly<Record<string, unknown>>;
  /** On the monotonic clock, for how long it runs; and what people read, which a set clock may make nonsense of. */
  readonly startedAtMs: number;
  readonly startedAtWallMs: number;
  readonly version: string;
  /** How the caps on shares stand; absent where there can be none. */
  readonly capTallies?: () => readonly CapTally[];
  /** Breaks the connections to an endpoint and keeps it out, or lets it in again; false where there is none such. */
  readonly unplug: (endpointId: string) => Promise<boolean>;
  /** Keeps an endpoint out, and lets what runs there end. */
  readonly drain: (endpointId: string) => Promise<boolean>;
  readonly plug: (endpointId: string) => Promise<boolean>;
  /** Failures of the gateway itself, for the operator's eyes. */
  readonly report: (message: string) => void;
}
