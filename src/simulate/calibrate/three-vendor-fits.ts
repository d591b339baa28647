import type { PoolFacts } from './three-vendor-facts.ts';
import type { PoolFit } from './three-vendor-pools.ts';

/**
 * What `fitPool` found for the three pools (60 evaluations from each of three starts), kept so that benchmarks need not
 * fit again. The facts come from praveingk/llmd-benchmarking-nxtgen (see three-vendor-facts.ts). How far the simulated
 * means of all stages are off: NVIDIA 15 %, AMD 36 %, Intel 40 % (logarithms of TTFT at half weight, TPOT and total, summed).
 */
export const threeVendorFits: Readonly<Record<PoolFacts['pool'], PoolFit>> = {
  nvidia: { computeFactor: 3.181, memoryFactor: 1.159, overheadMs: 3.028, perSequenceMs: 0.06568, kvShare: 0.7878 },
  amd: { computeFactor: 6.802, memoryFactor: 1.141, overheadMs: 2.589, perSequenceMs: 0.0545, kvShare: 0.3036 },
  intel: { computeFactor: 23.94, memoryFactor: 1.431, overheadMs: 1.472, perSequenceMs: 0.7486, kvShare: 0.7204 },
};
