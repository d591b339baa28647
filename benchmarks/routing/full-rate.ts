import { mixedFleet, type Variant } from './fleets.ts';
import { firstTuningSeed, originOf, speedPerRate, type Workload } from './workloads.ts';
import { policyList } from '../../src/simulate/baselines/baseline-list.ts';
import { runStudyTasks } from '../../src/cli/simulate/run-study-tasks.ts';
import type { StudyTask } from '../../src/cli/simulate/study-task.ts';

const seed = firstTuningSeed;
/** Each is the best of the baselines somewhere. Ours is not among them, so that no load depends on what is judged. */
const gauges = ['weighted-by-capacity', 'cache-aware', 'lmetric'];

/** Load 1: the requests a second at which the best baseline, untuned, still keeps 95 % of what it keeps without any load. */
export async function fullRate(workload: Workload, variant: Variant, threads: number): Promise<number> {
  const perRate = speedPerRate(workload, seed);
  const goodputAt = async (perSecond: number): Promise<number> => {
    const tasks = gauges.map((policy): StudyTask => {
      const { grid } = policyList.find(({ name }) => name === policy) ?? { grid: [] };
      const run = { trace: workload.name, load: perSecond * perRate, policy, parameters: grid[0] ?? {}, seed };
      return {
        fleet: mixedFleet({ ...workload, variant, middleMs: 0 }),
        origin: originOf(workload, seed),
        requests: workload.requests,
        what: { kind: 'run', run },
      };
    });
    const results = await runStudyTasks(tasks, threads, () => {});
    return Math.max(...results.map((one) => (one.kind === 'run' ? one.result.goodput : 0)));
  };
  const enough = 0.95 * (await goodputAt(0.1));
  let low = 0.5;
  let high = 1;
  while (high < 10_000 && (await goodputAt(high)) >= enough) {
    low = high;
    high *= 2;
  }
  for (let round = 0; round < 5; round += 1) {
    const middle = Math.sqrt(low * high);
    if ((await goodputAt(middle)) >= enough) low = middle;
    else high = middle;
  }
  return low;
}
