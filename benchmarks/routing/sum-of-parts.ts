import { policyList } from '../../src/simulate/baselines/baseline-list.ts';
import { runStudyTasks } from '../../src/cli/simulate/run-study-tasks.ts';
import { spreadOf, type Spread } from '../../src/simulate/study/summarise.ts';
import { threeVendorFleet } from './fleets.ts';
import type { FleetFile } from '../../src/simulate/fleet-file.ts';
import type { StudyTask } from '../../src/cli/simulate/study-task.ts';

/** Requests a second, each about a seventh more than the one before. */
const loneRates = {
  nvidia: [3, 3.5, 4, 4.6, 5.3, 6, 7, 8, 9, 10.5, 12],
  amd: [10, 11.5, 13, 15, 17, 20, 23, 26, 30, 34, 39],
  intel: [1.5, 1.75, 2, 2.3, 2.6, 3, 3.5, 4, 4.6, 5.3, 6],
} as const;

/** Whichever of these does best sets a pool's own best: ours too, or the sum would be too easy for it. */
const lonePolicies = ['second-source', 'lmetric', 'cache-aware', 'weighted-scorer'];
const searchSeed = 1001;
/** Policies with priors are told chip figures up to so many times too high or too low, another error for each seed. */
const priorError = 2;

interface PartCase {
  readonly fleet: FleetFile;
  readonly policy: string;
  readonly perSecond: number;
  readonly seed: number;
}

export interface SumOfPartsOptions {
  /** Of arrivals, alone and together. */
  readonly seconds: number;
  readonly seeds: readonly number[];
  readonly threads: number;
}

export interface LonePool {
  readonly pool: string;
  readonly policy: string;
  readonly perSecond: number;
  /** Good requests a second. */
  readonly good: Spread;
}

export interface SumOfParts {
  readonly parts: readonly LonePool[];
  /** Good requests a second of all parts. */
  readonly sum: number;
  /** Good requests a second of all pools together at that rate ÷ the sum, best first. */
  readonly mixed: readonly { readonly policy: string; readonly part: Spread }[];
}

/**
 * What each pool does alone, at the rate and under the policy that are best for it on a seed that is not judged, against
 * what all of them do together at the sum of these good rates.
 */
export async function sumOfParts({ seconds, seeds, threads }: SumOfPartsOptions): Promise<SumOfParts> {
  const parts: LonePool[] = [];
  for (const [pool, rates] of Object.entries(loneRates)) parts.push(await bestAlone(pool, rates, { seconds, seeds, threads }));
  const sum = parts.reduce((total, { good }) => total + good.mean, 0);
  const fleet = threeVendorFleet();
  const cases = policyList.flatMap(({ name }) => seeds.map((seed): PartCase => ({ fleet, policy: name, perSecond: sum, seed })));
  const good = await goodRates(cases, seconds, threads);
  const mixed = policyList.map(({ name }) => ({
    policy: name,
    part: spreadOf(good.filter((_, index) => cases[index]?.policy === name).map((rate) => rate / sum)),
  }));
  return { parts, sum, mixed: mixed.toSorted((a, b) => b.part.mean - a.part.mean) };
}

async function bestAlone(pool: string, rates: readonly number[], { seconds, seeds, threads }: SumOfPartsOptions): Promise<LonePool> {
  const fleet = threeVendorFleet(pool);
  const cases = rates.flatMap((perSecond) => lonePolicies.map((policy): PartCase => ({ fleet, policy, perSecond, seed: searchSeed })));
  const found = await goodRates(cases, seconds, threads);
  const best = cases[found.indexOf(Math.max(...found))];
  if (best === undefined) throw new RangeError(`Nothing was tried on ${pool}.`);
  const judged = await goodRates(
    seeds.map((seed) => ({ ...best, seed })),
    seconds,
    threads,
  );
  return { pool, policy: best.policy, perSecond: best.perSecond, good: spreadOf(judged) };
}

/** Good requests a second of arrivals. */
async function goodRates(cases: readonly PartCase[], seconds: number, threads: number): Promise<readonly number[]> {
  const tasks = cases.map(({ fleet, policy, perSecond, seed }): StudyTask => {
    const run = { trace: 'three vendors', load: 1, policy, parameters: {}, seed, priorError };
    return { fleet, origin: { kind: 'three-vendor', perSecond }, requests: Math.ceil(perSecond * seconds), what: { kind: 'run', run } };
  });
  const results = await runStudyTasks(tasks, threads, () => {});
  return results.map((one, index) => (one.kind === 'run' ? one.result.goodput * (cases[index]?.perSecond ?? 0) : 0));
}
