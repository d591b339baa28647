import type { SiliconEvidence } from '../fleet/silicon.ts';

/** Where a token count comes from, from best to worst (fault catalogue 0.4). */
export type UsageSource = 'upstream' | 'counted' | 'reserve';

export interface TokenUsage {
  readonly inputTokens: number;
  /** The part of `inputTokens` that the endpoint had cached. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** The part of `outputTokens` that was reasoning, where the endpoint told it: for its price, and kept nowhere. */
  readonly reasoningTokens?: number | undefined;
  readonly source: UsageSource;
}

/** One upstream try, written before it is dispatched. State R (reserved). */
export interface AttemptOpened {
  readonly attemptId: string;
  readonly requestId: string;
  /** 1 for the first try of a request. */
  readonly ordinal: number;
  readonly reason: 'first' | 'failover' | 'continuation' | 'hedge';
  readonly tenant: string;
  /** The key that the client asked with; absent or empty where it needs none. */
  readonly keyId?: string | undefined;
  readonly route: string;
  readonly model: string;
  readonly deploymentId: string;
  readonly endpointId: string;
  readonly vendor: string;
  readonly chip: string;
  readonly evidence: SiliconEvidence;
  readonly openedAtWallMs: number;
  readonly reservedInputTokens: number;
  readonly reservedOutputTokens: number;
}

/** How an attempt ended: S settled, V void (nothing was computed), U unknown (may still be billed). */
export interface AttemptClosed {
  readonly attemptId: string;
  readonly state: 'S' | 'V' | 'U';
  /** `ok`, or the code from the error catalogue that describes the failure. */
  readonly outcome: string;
  readonly usage: TokenUsage | undefined;
  /** What this try costs the operator, in USD; undefined where no price is known, never 0 for that reason. */
  readonly costUsd: number | undefined;
  /** From dispatch to the first content, undefined where none came. Times are in whole microseconds. */
  readonly ttftMs: number | undefined;
  readonly durationMs: number;
}

/** What a running attempt has brought so far, by our own count: all that is known of it where the process ends before it. */
export interface AttemptProgress {
  readonly attemptId: string;
  readonly usage: TokenUsage;
  readonly costUsd: number | undefined;
}

/** The part of an answer that one attempt produced. */
export interface Segment {
  readonly attemptId: string;
  readonly endpointId: string;
  readonly deploymentId: string;
  readonly vendor: string;
  readonly chip: string;
  readonly evidence: SiliconEvidence;
  readonly outputTokens: number;
  readonly characters: number;
}

/** One charge a request, however many attempts ran (DESIGN §4.6): unique by `requestId`. */
export interface Charge {
  readonly requestId: string;
  readonly tenant: string;
  readonly keyId?: string | undefined;
  readonly route: string;
  readonly model: string;
  readonly outcome: string;
  readonly attempts: number;
  readonly usage: TokenUsage;
  readonly chargeUsd: number | undefined;
  readonly segments: readonly Segment[];
  readonly settledAtWallMs: number;
  /** Whether an SDK probably sent it again by itself, without a key that says so (fault 82). */
  readonly probableRetry?: boolean | undefined;
}

export const usageGroupings = ['model', 'vendor', 'endpoint', 'tenant', 'key', 'chip', 'route', 'outcome', 'day', 'evidence'] as const;

/** What a row of the usage stands for; `day` is one of UTC, `outcome` that of the request, of an attempt its own. */
export type UsageGrouping = (typeof usageGroupings)[number];

/** From `sinceWallMs` to before `untilWallMs`. */
export interface UsageWindow {
  readonly sinceWallMs?: number | undefined;
  readonly untilWallMs?: number | undefined;
}

export interface UsageQuery extends UsageWindow {
  readonly groupBy: UsageGrouping;
}

export interface UsageRow {
  readonly key: string;
  readonly requests: number;
  readonly attempts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Sum over the rows whose price is known. */
  readonly usd: number;
  /** Requests with no known price, which `usd` therefore leaves out. */
  readonly unpricedRequests: number;
  /** What attempts cost that no client was charged for: failed ones, and those that another was faster than. */
  readonly lostUsd: number;
}

export interface UsageReport {
  readonly rows: readonly UsageRow[];
  readonly openAttempts: number;
  readonly unknownAttempts: number;
}

/** What the request's path needs of a ledger; SQLite implements it, PostgreSQL will. */
export interface Ledger {
  /** Resolves once the record is in the operating system's hands (fsync by policy), and rejects where it could not be. */
  readonly openAttempt: (attempt: AttemptOpened) => Promise<void>;
  /** Now and then in a long answer. Never blocks and never throws; a close stands above it. */
  readonly noteProgress: (progress: AttemptProgress) => void;
  /** Never blocks and never throws: the journal keeps the record and retries. */
  readonly closeAttempt: (closed: AttemptClosed) => void;
  /** Never blocks and never throws. A second charge of the same request is ignored and counted as a defect. */
  readonly charge: (charge: Charge) => void;
  readonly usage: (query: UsageQuery) => Promise<UsageReport>;
  /** Resolves when everything recorded so far can be read back by `usage`. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}
