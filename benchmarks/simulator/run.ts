/**
 * How fast the simulator is and what memory it takes: `npm run benchmark:simulator`. One core, 20 replicas, by the
 * CPU time of this process; each trace once short and once ten times as long, whose peak memory must not grow with it.
 *   --quick   a tenth of the requests
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { leastRequest } from '../../src/simulate/baselines/least-request.ts';
import { lmetric } from '../../src/simulate/baselines/lmetric.ts';
import { productionRouter } from '../../src/simulate/production-router.ts';
import { sampleFleet } from '../../src/simulate/testing/sample-fleet.ts';
import { seededRandom } from '../../src/std/random.ts';
import { simulateFleet } from '../../src/simulate/simulate-fleet.ts';
import { syntheticTrace, type SyntheticOptions } from '../../src/simulate/trace/synthetic-trace.ts';
import type { Router } from '../../src/simulate/router.ts';

const barPerMinute = 1_000_000;
/** What a run ten times as long may hold more, garbage collected. */
const barGrowthMb = 16;

// Without a collection the heap tells how idle the collector was.
setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

function heldMb(): number {
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed / 1e6;
}

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const requests = values.quick ? 20_000 : 200_000;

interface Scenario {
  readonly name: string;
  readonly perSecond: number;
  readonly shared?: NonNullable<SyntheticOptions['shared']>;
  readonly router: () => Router;
}

const scenarios: readonly Scenario[] = [
  { name: 'conversation, half of the load', perSecond: 100, router: leastRequest },
  { name: 'conversation, full load', perSecond: 300, router: leastRequest },
  {
    name: 'the policy that production runs',
    perSecond: 100,
    router: () => productionRouter({ priors: [], sloClasses: sampleFleet().sloClasses, random: seededRandom(2) }),
  },
  {
    name: 'long prompts with prefixes',
    perSecond: 30,
    shared: { groups: 400, tokens: 6000, membersPerGroup: 50 },
    router: () => lmetric({ replicas: 20, mostBlocks: 2000 }),
  },
];

function run(
  { perSecond, shared, router }: Scenario,
  count: number,
): { readonly perMinute: number; readonly peakMb: number; readonly steps: number } {
  let peak = 0;
  let seen = 0;
  const before = process.cpuUsage();
  const { places } = simulateFleet({
    fleet: sampleFleet(),
    router: router(),
    seed: 1,
    trace: syntheticTrace({
      arrivals: { kind: 'poisson', perSecond },
      requests: count,
      model: 'm',
      sloClass: 'interactive',
      prompt: { median: shared === undefined ? 1000 : 7000, sigma: 0.8, most: 16_000 },
      output: { median: 200, sigma: 0.7, most: 2000 },
      prefixBlockTokens: 512,
      random: seededRandom(1),
      ...(shared === undefined ? {} : { shared }),
    }),
    onOutcome: () => {
      seen += 1;
      if (seen % (count / 4) === 0) peak = Math.max(peak, heldMb());
    },
  });
  const { user, system } = process.cpuUsage(before);
  return { perMinute: (count / ((user + system) / 1e6)) * 60, peakMb: peak, steps: places.reduce((sum, { engine }) => sum + engine.steps, 0) };
}

console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}; 20 replicas, one thread, CPU time`);
for (const scenario of scenarios) {
  const short = run(scenario, requests / 10);
  const long = run(scenario, requests);
  const isFast = long.perMinute >= barPerMinute;
  const isFlat = long.peakMb - short.peakMb <= barGrowthMb;
  if (!isFast || !isFlat) process.exitCode = 3;
  console.log(
    `${scenario.name.padEnd(34)} ${(long.perMinute / 1e6).toFixed(1)} million requests a minute (bar 1.0: ${isFast ? 'met' : 'MISSED'}), ` +
      `${(long.steps / 1e6).toFixed(1)} million steps; held at most ${short.peakMb.toFixed(0)} MB for ${requests / 10} requests, ${long.peakMb.toFixed(0)} MB for ${requests} (${isFlat ? 'flat' : 'GROWS'})`,
  );
}
