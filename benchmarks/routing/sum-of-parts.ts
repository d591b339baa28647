import { policyList } from '../../src/simulate/baselines/baseline-list.ts';
import { runStudyTasks } from '../../src/cli/simulate/run-study-tasks.ts';
import { threeVendorFleet } from './fleets.ts';
import type { FleetFile } from '../../src/simulate/fleet-file.ts';
import type { StudyTask } from '../../src/cli/simulate/study-task.ts';

const loneRates = {
  nvidia: [1, 2, 3, 4, 5],
  amd: [5, 8, 11, 14, 17],
  intel: [1, 2, 3, 4, 5],
} as const;

function taskOf(fleet: FleetFile, policy: string, perSecond: number, requests: number, seed: number): StudyTask {
  const origin = { kind: 'three-vendor', perSecond } as const;
  return { fleet, origin, requests, what: { kind: 'run', run: { trace: 'three vendors', load: 1, policy, parameters: {}, seed } } };
}

/** Good requests a second of arrivals. */
async function goodRate(tasks: readonly StudyTask[], perSecond: readonly number[], threads: number): Promise<readonly number[]> {
  const results = await runStudyTasks(tasks, threads, () => {});
  return results.map((one, index) => (one.kind === 'run' ? one.result.goodput * (perSecond[index] ?? 0) : 0));
}

export interface SumOfParts {
  readonly parts: Readonly<Record<string, number>>;
  readonly sum: number;
  readonly mixed: readonly { readonly policy: string; readonly part: number }[];
}

/**
 * What each pool can do alone, at its best rate and under its best policy, against what all of them do together at the
 * sum of these rates.
 */
export async function sumOfParts(requests: number, threads: number): Promise<SumOfParts> {
  const parts: Record<string, number> = {};
  for (const [pool, rates] of Object.entries(loneRates)) {
    const cases = rates.flatMap((rate) => policyList.map(({ name }) => ({ rate, name })));
    const found = await goodRate(
      cases.map(({ rate, name }) => taskOf(threeVendorFleet(pool), name, rate, requests, 1)),
      cases.map(({ rate }) => rate),
      threads,
    );
    parts[pool] = Math.max(...found);
  }
  const sum = Object.values(parts).reduce((total, part) => total + part, 0);
  const mixed = await goodRate(
    policyList.map(({ name }) => taskOf(threeVendorFleet(), name, sum, requests * 2, 2)),
    policyList.map(() => sum),
    threads,
  );
  return { parts, sum, mixed: policyList.map(({ name }, index) => ({ policy: name, part: (mixed[index] ?? 0) / sum })) };
}
