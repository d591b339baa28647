export interface HedgingRules {
  readonly enabled: boolean;
  /** Never sooner than this, however fast the endpoint usually is. */
  readonly leastDelayMs: number;
}

/** Times to the first token that are kept of each deployment, the latest. */
const samplesKept = 128;
/** Fewer say nothing about the slowest twentieth. */
const samplesNeeded = 20;
const quantile = 0.95;

/**
 * When a second endpoint is asked for the same answer, because the first one is slower than it nearly ever is. What
 * is known of each deployment is bounded: its latest times to the first token.
 */
export class Hedging {
  readonly #rules: HedgingRules;
  readonly #latest = new Map<string, number[]>();

  constructor(rules: HedgingRules) {
    this.#rules = rules;
  }

  heard(deploymentId: string, ttftMs: number): void {
    if (!this.#rules.enabled) return;
    const latest = this.#latest.get(deploymentId) ?? [];
    latest.push(ttftMs);
    if (latest.length > samplesKept) latest.shift();
    this.#latest.set(deploymentId, latest);
  }

  /** How long after dispatch to hedge, unless content has come by then; undefined where not at all. */
  delayMs(deploymentId: string): number | undefined {
    return hedgeDelayMs(this.#rules, quantileOf(this.#latest.get(deploymentId) ?? [], quantile));
  }
}

export function hedgeDelayMs(rules: HedgingRules, usualMs: number | undefined): number | undefined {
  return rules.enabled && usualMs !== undefined ? Math.max(usualMs, rules.leastDelayMs) : undefined;
}

function quantileOf(samples: readonly number[], share: number): number | undefined {
  if (samples.length < samplesNeeded) return undefined;
  return samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * share) - 1];
}
