import type { Arrival } from '../router.ts';

/** How one request ended. Times are from its arrival. */
export interface Outcome {
  readonly arrival: Arrival;
  readonly kind: 'finished' | 'refused';
  /** Where it ended; undefined where nobody took it. */
  readonly replica: number | undefined;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly queuedMs: number;
  readonly ttftMs: number;
  readonly tpotMs: number;
  readonly totalMs: number;
  /** Whether it kept every SLO of its class. A refused one kept none. */
  readonly isGood: boolean;
  readonly usd: number | undefined;
  readonly attempts: number;
  readonly losses: number;
}
