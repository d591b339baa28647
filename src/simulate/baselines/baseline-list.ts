import { allToLargest } from './all-to-largest.ts';
import { cacheAware } from './cache-aware.ts';
import { leastRequest } from './least-request.ts';
import { lmetric } from './lmetric.ts';
import { peakEwma } from './peak-ewma.ts';
import { productionRouter } from '../production-router.ts';
import { roundRobin } from './round-robin.ts';
import { weightedByCapacity } from './weighted-by-capacity.ts';
import { weightedScorer } from './weighted-scorer.ts';
import { usualTuning } from '../../policy/choice/estimate.ts';
import type { Random } from '../../std/random.ts';
import type { SloClass } from '../fleet-spec.ts';
import type { StepPrior } from '../step-prior.ts';
import type { Router } from '../router.ts';

/** What a policy is made from. Capacities are true ones: only the baselines that are said to know them read them. */
export interface PolicySurroundings {
  readonly pools: readonly string[];
  readonly capacity: readonly number[];
  /** Hashed blocks that a replica's memory holds, on average: how much a router's memory of prefixes is worth keeping. */
  readonly prefixBlocks: number;
  /** By replica: what its data sheet lets a policy expect, as wrong as the study wants it; undefined where nobody knows. */
  readonly priors: readonly (StepPrior | undefined)[];
  /** What requests of each class are to keep; an arrival names its own. */
  readonly sloClasses: readonly SloClass[];
  readonly random: Random;
}

export type PolicyParameters = Readonly<Record<string, number>>;

export interface Policy {
  readonly name: string;
  /** What a grid search tries; a policy without parameters has the one empty choice. */
  readonly grid: readonly PolicyParameters[];
  readonly make: (around: PolicySurroundings, parameters: PolicyParameters) => Router;
}

const untuned: readonly PolicyParameters[] = [{}];

/** Every combination of the values of each parameter. */
export function gridOf(values: Readonly<Record<string, readonly number[]>>): readonly PolicyParameters[] {
  return Object.entries(values).reduce<readonly PolicyParameters[]>(
    (grid, [name, choices]) => grid.flatMap((chosen) => choices.map((value) => ({ ...chosen, [name]: value }))),
    untuned,
  );
}

const memories = [0.5, 1, 2];

/** The policies that ours is judged against, and ours as it runs today. The first choice of each grid is its published or usual one. */
export const policyList: readonly Policy[] = [
  {
    name: 'second-source',
    // A grid no finer than others'. Tuned choices are for judging: production runs the first.
    grid: gridOf({ ttftSpread: [0.1, 0.2], tpotSpread: [0.1, 0.06] }),
    make: ({ priors, sloClasses, random }, parameters) => productionRouter({ priors, sloClasses, random, tuning: { ...usualTuning, ...parameters } }),
  },
  { name: 'round-robin', grid: untuned, make: () => roundRobin() },
  { name: 'weighted-by-capacity', grid: untuned, make: ({ capacity }) => weightedByCapacity(capacity) },
  { name: 'all-to-largest', grid: untuned, make: ({ capacity, pools }) => allToLargest(capacity, pools) },
  { name: 'least-request', grid: untuned, make: () => leastRequest() },
  {
    name: 'p2c-peak-ewma',
    grid: gridOf({ decayMs: [10_000, 2000, 30_000], ofTotal: [0, 1] }),
    make: ({ pools, random }, { decayMs = 10_000, ofTotal = 0 }) =>
      peakEwma({ replicas: pools.length, decayMs, of: ofTotal > 0 ? 'total' : 'ttft', random }),
  },
  {
    name: 'cache-aware',
    grid: gridOf({ matchThreshold: [0.5, 0.2], balanceAbs: [32, 8, 2], balanceRel: [1.1, 1.5] }),
    make: ({ pools, prefixBlocks }, { matchThreshold = 0.5, balanceAbs = 32, balanceRel = 1.1 }) =>
      cacheAware({ replicas: pools.length, matchThreshold, balanceAbs, balanceRel, mostBlocks: prefixBlocks }),
  },
  {
    name: 'weighted-scorer',
    grid: gridOf({ prefixWeight: [2, 1, 4], queueWeight: [1, 2], kvWeight: [1, 2] }),
    make: ({ pools, prefixBlocks }, { prefixWeight = 2, queueWeight = 1, kvWeight = 1 }) =>
      weightedScorer({ replicas: pools.length, prefixWeight, queueWeight, kvWeight, mostBlocks: prefixBlocks }),
  },
  {
    name: 'lmetric',
    grid: gridOf({ memory: [1, ...memories.filter((memory) => memory !== 1)] }),
    make: ({ pools, prefixBlocks }, { memory = 1 }) => lmetric({ replicas: pools.length, mostBlocks: Math.ceil(prefixBlocks * memory) }),
  },
];
