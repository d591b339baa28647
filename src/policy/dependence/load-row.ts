/** What one endpoint served of one model in one stretch of time, by the ledger. Attempts count when they were dispatched. */
export interface LoadRow {
  readonly atWallMs: number;
  readonly model: string;
  readonly endpointId: string;
  readonly vendor: string;
  readonly chip: string;
  readonly evidence: string;
  /** Settled ones. */
  readonly requests: number;
  readonly tokens: number;
  readonly usd: number;
  readonly unpriced: number;
  /** All attempts, and those of them that were answered within the SLO (or left by their client). */
  readonly attempts: number;
  readonly good: number;
}

/** What the fleet says of an endpoint: who made its chip, what it serves, and what it shares with others. */
export interface FleetPlace {
  readonly id: string;
  readonly vendor: string;
  readonly chip: string;
  readonly evidence: string;
  readonly models: readonly string[];
  readonly failureDomains: readonly string[];
  readonly processor: string;
  /** Why it cannot be counted on now; undefined where it serves. */
  readonly absent: string | undefined;
  /** What its operator says that it can serve in all, headroom taken off; undefined where nobody said. */
  readonly declaredTokensPerSecond: number | undefined;
}
