import { percentile } from '../../scripts/verify-engines/percentile.ts';
import type { Outcome } from './load/job.ts';
import type { Metric, Scenario } from './scenarios.ts';

/** The first of the peers once more in each round: how far two results of one thing are apart is the noise. */
export const again = 'the first again';

export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** What was measured of whom, round by round. */
export class Measurements {
  readonly #values = new Map<string, number[]>();
  readonly faults: string[] = [];
  /** The widest that the kernel's ticks of 10 ms were off the scheduler's account, as a share. */
  ticksOff = 0;

  add(scenario: Scenario, who: string, outcome: Outcome): void {
    if (outcome.errors > 0) this.faults.push(`${scenario.id} through ${who}: ${outcome.errors} errors, the first: ${outcome.firstError ?? '?'}`);
    // Below a second ten milliseconds are too coarse to say anything.
    if (outcome.cpuMs > 1000) this.ticksOff = Math.max(this.ticksOff, Math.abs(outcome.ticksMs / outcome.cpuMs - 1));
    for (const metric of scenario.metrics) {
      if (who === 'direct' && metric.ofPeersOnly) continue;
      const key = `${metric.id} ${who}`;
      this.#values.set(key, [...(this.#values.get(key) ?? []), metric.of(outcome)]);
    }
  }

  /** What the last round found. */
  last(metric: string, who: string): number | undefined {
    return this.#values.get(`${metric} ${who}`)?.at(-1);
  }

  of(metric: string, who: string): Summary | undefined {
    const values = this.#values.get(`${metric} ${who}`);
    return values === undefined ? undefined : { median: percentile(values, 0.5), least: Math.min(...values), most: Math.max(...values) };
  }
}

export function formatSummary({ digits }: Metric, { median, least, most }: Summary): string {
  return least === most ? median.toFixed(digits) : `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}
