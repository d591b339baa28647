import { drawWhole } from '../trace/draw.ts';
import { policyList } from '../baselines/baseline-list.ts';
import { sampleFleet, samplePools } from './sample-fleet.ts';
import { stepPriorOf, wrongPriors } from '../step-prior.ts';
import { seededRandom, type Random } from '../../std/random.ts';
import { syntheticTrace, type ArrivalProcess } from '../trace/synthetic-trace.ts';
import type { Fault, FaultTarget } from '../fault/fault.ts';
import type { SimulationOptions } from '../simulate-fleet.ts';

function pick<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return items[drawWhole(random, items.length)] ?? items[0];
}

function drawArrivals(random: Random): ArrivalProcess {
  const perSecond = 2 + 60 * random();
  return pick<ArrivalProcess>(random, [
    { kind: 'poisson', perSecond },
    { kind: 'gamma', perSecond, cv: 0.5 + 3 * random() },
    { kind: 'bursts', perSecond, factor: 1 + 9 * random(), onMs: 500, everyMs: 4000 },
  ]);
}

function drawFaults(random: Random): Fault[] {
  return Array.from({ length: drawWhole(random, 5) }, (): Fault => {
    const target: FaultTarget = pick<FaultTarget>(random, [
      { by: 'vendor', name: 'nvidia' },
      { by: 'pool', name: 'mi325x' },
      { by: 'replica', name: 'gaudi3-0' },
    ]);
    const timed = { target, atMs: 8000 * random(), forMs: 100 + 6000 * random() };
    return pick<Fault>(random, [
      { ...timed, kind: 'loss', coldStartMs: 3000 * random() },
      { ...timed, kind: 'slow', factor: 1 + 4 * random() },
      { ...timed, kind: 'refusals', share: random(), retryAfterMs: 1000 * random() },
      { ...timed, kind: 'kv-cliff', share: 0.2 + 0.6 * random() },
      { kind: 'drift', target, most: 0.5, everyMs: 300 },
    ]);
  });
}

/** A fleet, a trace, faults and a policy, all of one seed: the worlds of the fuzz. */
export function drawSimulation(seed: number): SimulationOptions & { readonly policy: string } {
  const random = seededRandom(seed);
  const fleet = sampleFleet({
    pools: samplePools.map((pool) => ({ ...pool, count: 1 + drawWhole(random, 3) })),
    prefixBlockTokens: 64,
    maxWaiting: 1 + drawWhole(random, 60),
    kvShare: 0.005 + 0.05 * random(),
    maxSequences: 1 + drawWhole(random, 40),
  });
  const policy = policyList[drawWhole(random, policyList.length)];
  if (policy === undefined) throw new RangeError('There is no policy.');
  const pools = fleet.replicas.map(({ pool }) => pool);
  return {
    fleet,
    policy: policy.name,
    seed,
    faults: drawFaults(random),
    router: policy.make(
      {
        pools,
        capacity: pools.map(() => 1 + drawWhole(random, 4)),
        prefixBlocks: 200,
        priors: wrongPriors(
          fleet.replicas.map(({ pool, shape }) => ({ pool, prior: random() < 0.5 ? stepPriorOf(shape.stepModel) : undefined })),
          3,
          random,
        ),
        sloClasses: fleet.sloClasses,
        random: seededRandom(seed + 7),
      },
      policy.grid[drawWhole(random, policy.grid.length)] ?? {},
    ),
    trace: syntheticTrace({
      arrivals: drawArrivals(random),
      requests: 300,
      model: 'm',
      sloClass: 'interactive',
      prompt: { median: 200, sigma: 1, most: 4000 },
      output: { median: 60, sigma: 1, most: 600 },
      shared: { groups: 5, tokens: 256, membersPerGroup: 10 },
      prefixBlockTokens: 64,
      random: seededRandom(seed + 3),
    }),
  };
}
