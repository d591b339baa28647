/** When an endpoint is avoided, for how long, and how it comes back. docs/resilience.md explains each. */
export interface HealthRules {
  readonly failuresInARow: number;
  /** The share of failures, over so many seconds and at least so many results, that ejects as well. */
  readonly failedShare: number;
  readonly windowSeconds: number;
  readonly leastResults: number;
  readonly ejectionMs: number;
  readonly longestEjectionMs: number;
  /** For what only a person can repair: a refused key, an empty account, a model that is not there. */
  readonly setAsideMs: number;
  readonly longestSetAsideMs: number;
  readonly slowStartMs: number;
  readonly penaltyMs: number;
  readonly jitter: number;
}

/**
 * Two failures in a row, as the fault catalogue has it; one may be the request's own doing. Short ejections at first,
 * because with two endpoints one ejection halves the fleet and a restarted engine is back within two seconds.
 */
export const defaultHealthRules: HealthRules = {
  failuresInARow: 2,
  failedShare: 0.5,
  windowSeconds: 10,
  leastResults: 10,
  ejectionMs: 1000,
  longestEjectionMs: 30_000,
  setAsideMs: 60_000,
  longestSetAsideMs: 600_000,
  slowStartMs: 10_000,
  penaltyMs: 5000,
  jitter: 0.2,
};
