import type { PolicyParameters } from '../baselines/baseline-list.ts';

/** One run of a study. */
export interface StudyCase {
  readonly trace: string;
  readonly load: number;
  readonly policy: string;
  readonly parameters: PolicyParameters;
  readonly seed: number;
  /** Up to so many times too fast or too slow are the priors that policies get (drawn by the seed); absent: as the data sheet has them. */
  readonly priorError?: number;
}

export interface PoolShare {
  readonly pool: string;
  readonly vendor: string;
  readonly requests: number;
  readonly outputTokens: number;
}

/** What a run came to, as plain data: it travels between threads and into files. All of it is simulated, nothing measured. */
export interface CaseResult extends StudyCase {
  readonly evidence: 'simulated';
  readonly requests: number;
  readonly finished: number;
  readonly refused: number;
  readonly good: number;
  readonly goodput: number;
  readonly continued: number;
  readonly retries: number;
  readonly ttftP50Ms: number;
  readonly ttftP99Ms: number;
  readonly tpotP50Ms: number;
  readonly tpotP99Ms: number;
  readonly totalMeanMs: number;
  readonly preemptions: number;
  /** The part of all prompt tokens that engines had in their caches. */
  readonly cachedShare: number;
  /** Undefined where a price is missing. */
  readonly usd: number | undefined;
  readonly endMs: number;
  readonly pools: readonly PoolShare[];
  /** Good requests ÷ requests over the run. */
  readonly timeline: { readonly binMs: number; readonly goodput: readonly number[] };
}

/** The bound of one trace at one load with one seed. */
export interface BoundResult {
  readonly trace: string;
  readonly load: number;
  readonly seed: number;
  readonly goodput: number;
}

export interface Study {
  readonly title: string;
  readonly results: readonly CaseResult[];
  readonly bounds: readonly BoundResult[];
}
