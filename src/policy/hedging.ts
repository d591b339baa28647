export interface HedgingRules {
  readonly enabled: boolean;
  /** Never sooner than this, however fast the endpoint usually is. */
  readonly leastDelayMs: number;
}

/** A whole answer says nothing before all of it is there, so its times are another matter than a stream's. */
type Form = 'stream' | 'whole';

/** Times to the first content that are kept of each deployment and form, the latest. */
const samplesKept = 128;
/** Fewer say nothing about the slowest twentieth. */
const samplesNeeded = 20;
const quantile = 0.95;

/**
 * When a second endpoint is asked for the same answer, because the first one is slower than it nearly ever is. What
 * is known of each deployment is bounded: its latest times to the first content.
 */
export class Hedging {
  readonly #rules: HedgingRules;
  readonly #latest = new Map<string, number[]>();

  constructor(rules: HedgingRules) {
    this.#rules = rules;
  }

  heard(deploymentId: string, form: Form, afterMs: number): void {
    if (!this.#rules.enabled) return;
    const key = `${form} ${deploymentId}`;
    const latest = this.#latest.get(key) ?? [];
    latest.push(afterMs);
    if (latest.length > samplesKept) latest.shift();
    this.#latest.set(key, latest);
  }

  forget(deploymentId: string): void {
    for (const form of ['stream', 'whole'] as const) this.#latest.delete(`${form} ${deploymentId}`);
  }

  /** How long after dispatch to hedge, unless content has come by then; undefined where not at all. */
  delayMs(deploymentId: string, form: Form): number | undefined {
    if (!this.#rules.enabled) return undefined;
    return hedgeDelayMs(this.#rules, quantileOf(this.#latest.get(`${form} ${deploymentId}`) ?? [], quantile));
  }
}

export function hedgeDelayMs(rules: HedgingRules, usualMs: number | undefined): number | undefined {
  return rules.enabled && usualMs !== undefined ? Math.max(usualMs, rules.leastDelayMs) : undefined;
}

function quantileOf(samples: readonly number[], share: number): number | undefined {
  if (samples.length < samplesNeeded) return undefined;
  return samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * share) - 1];
}
