import { beforeAll, describe, expect, test } from 'vitest';
import { collectTrace } from './demand-buckets.ts';
import { fluidBound } from './fluid-bound.ts';
import { listedTrace } from '../trace/listed-trace.ts';
import { syntheticTrace } from '../trace/synthetic-trace.ts';
import { loadHighsSolver } from './highs-solver.ts';
import { policyList } from '../baselines/baseline-list.ts';
import { recordedStepTables } from '../step/recorded-step-tables.ts';
import { sampleFleet, samplePools } from '../testing/sample-fleet.ts';
import { seededRandom } from '../../std/random.ts';
import { stepPriorOf } from '../step-prior.ts';
import { simulateFleet } from '../simulate-fleet.ts';
import { TableStepModel } from '../step/table-step-model.ts';
import type { Fault } from '../fault/fault.ts';
import type { FleetSpec } from '../fleet-spec.ts';
import type { LinearSolver } from './linear-programme.ts';
import type { TraceRequest } from '../trace/trace.ts';

const onlySeed = process.env['SEED'];
const seeds = onlySeed === undefined ? Array.from({ length: 8 }, (_, index) => index) : [Number(onlySeed)];

function worldOf(seed: number): { readonly fleet: FleetSpec; readonly requests: readonly TraceRequest[]; readonly faults: readonly Fault[] } {
  const random = seededRandom(seed);
  const roofline = sampleFleet({
    pools: samplePools.map((pool) => ({ ...pool, count: 1 })),
    prefixBlockTokens: 128,
    kvShare: 0.2 + random(),
    maxWaiting: 12,
  });
  const stepModel = new TableStepModel(recordedStepTables.rtxpro6000);
  const table = { ...roofline, replicas: roofline.replicas.map((spec) => ({ ...spec, shape: { ...spec.shape, stepModel } })) };
  const requests = collectTrace(
    syntheticTrace({
      // From calm to far too much, so that the bound binds.
      arrivals: { kind: 'gamma', perSecond: (seed % 3 === 2 ? 30 : 200) * (1 + 3 * random()), cv: 1 + random() },
      requests: 1000,
      model: 'm',
      sloClass: 'interactive',
      prompt: { median: 300 + 1500 * random(), sigma: 0.8, most: 12_000 },
      output: { median: 150, sigma: 0.7, most: 1500 },
      shared: { groups: 10, tokens: 512, membersPerGroup: 400 },
      prefixBlockTokens: 128,
      random,
    }),
  );
  const slow: Fault = { kind: 'slow', target: { by: 'vendor', name: 'amd' }, atMs: 3000, forMs: 1e9, factor: 2 };
  return { fleet: seed % 3 === 2 ? table : roofline, requests, faults: seed % 2 === 0 ? [] : [slow] };
}

describe('the fluid bound', () => {
  let solver: LinearSolver;
  beforeAll(async () => {
    solver = await loadHighsSolver();
  });

  test('is beaten by no policy at any load, with a chip that slows down or without', () => {
    let least = 1;
    for (const seed of seeds) {
      const { fleet, requests, faults } = worldOf(seed);
      const bound = fluidBound({ fleet, requests, faults, solver });
      least = Math.min(least, bound.goodput);
      for (const policy of policyList)
        for (const parameters of policy.grid.slice(0, 3)) {
          const pools = fleet.replicas.map(({ pool }) => pool);
          const priors = fleet.replicas.map(({ shape }) => stepPriorOf(shape.stepModel));
          const around = { pools, capacity: pools.map(() => 1), prefixBlocks: 500, priors, sloClasses: fleet.sloClasses, random: seededRandom(seed) };
          const router = policy.make(around, parameters);
          const { tally } = simulateFleet({ fleet, trace: listedTrace(requests), router, faults, seed });
          expect(
            tally.good,
            `${policy.name} ${JSON.stringify(parameters)}; replay with: SEED=${seed} npm test -- src/simulate/bound`,
          ).toBeLessThanOrEqual(bound.good + 1e-6);
        }
    }
    // A bound that never bound would have been beaten by nobody either.
    if (onlySeed === undefined) expect(least).toBeLessThan(0.9);
  }, 300_000);

  test('is all requests where the load is nothing', () => {
    const { fleet, requests } = worldOf(0);
    const calm = requests.slice(0, 20).map((request, index) => ({ ...request, atMs: index * 60_000 }));
    expect(fluidBound({ fleet, requests: calm, solver }).goodput).toBeCloseTo(1, 9);
  });
});
