import { policyList, type PolicyParameters } from '../../src/simulate/baselines/baseline-list.ts';
import { runStudyTasks } from '../../src/cli/simulate/run-study-tasks.ts';
import { spreadOf } from '../../src/simulate/study/summarise.ts';
import type { StudyTask } from '../../src/cli/simulate/study-task.ts';

export type Tuned = ReadonlyMap<string, PolicyParameters>;

/** Of each policy's grid the choice with the best mean goodput over `seeds`, which nobody is judged on. */
export async function tune(
  taskOf: (policy: string, parameters: PolicyParameters, seed: number) => StudyTask,
  seeds: readonly number[],
  threads: number,
): Promise<Tuned> {
  // A policy with one choice needs no runs.
  const choices = policyList.filter(({ grid }) => grid.length > 1).flatMap(({ name, grid }) => grid.map((parameters) => ({ name, parameters })));
  const tasks = choices.flatMap(({ name, parameters }) => seeds.map((seed) => taskOf(name, parameters, seed)));
  const results = await runStudyTasks(tasks, threads, () => {});
  const best = new Map(policyList.map(({ name, grid }) => [name, { parameters: grid[0] ?? {}, goodput: -1 }]));
  for (const [index, { name, parameters }] of choices.entries()) {
    const own = results.slice(index * seeds.length, (index + 1) * seeds.length);
    const { mean } = spreadOf(own.flatMap((one) => (one.kind === 'run' ? [one.result.goodput] : [])));
    if (mean > (best.get(name)?.goodput ?? -1)) best.set(name, { parameters, goodput: mean });
  }
  return new Map([...best].map(([name, { parameters }]) => [name, parameters]));
}
