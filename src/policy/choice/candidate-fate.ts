import type { FigureEvidence } from '../predict/figure-evidence.ts';

/** What became of one candidate in a choice, as plain data for people: `second-source explain`, the opt-in header. */
export interface CandidateFate {
  readonly endpointId: string;
  readonly deploymentId: string;
  readonly chosen: boolean;
  /** Why it was not chosen, in words; undefined for the one that was. */
  readonly why: string | undefined;
  readonly ttftMs: number;
  readonly tpotMs: number;
  readonly totalMs: number;
  readonly ttftEvidence: FigureEvidence;
  readonly tpotEvidence: FigureEvidence;
  /** Prompt tokens that it should have in its cache. */
  readonly cachedTokens: number;
  /** Predicted tokens of the answer. */
  readonly outputTokens: number;
  /** Undefined without a known price. */
  readonly usd: number | undefined;
  /** What soft caps add; 0 where none binds. */
  readonly shareUsd: number;
  /** Whether hard caps leave room for it. */
  readonly admitted: boolean;
  /** How likely it is to miss its SLO there, 0 to 1. */
  readonly late: number;
  /** How many others it should make late there, in expectation: the price of its capacity. */
  readonly harm: number;
  /** What is compared: lower is better. Comparable within one choice only. */
  readonly cost: number;
  readonly running: number;
}
