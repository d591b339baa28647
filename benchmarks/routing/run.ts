/**
 * Routing policies against each other and against the clairvoyant bound: `npm run benchmark:routing`. Every policy is
 * tuned on its own grid with seeds that are not judged, then judged on unseen ones. All of it is simulated.
 *   --quick        few seeds and short stretches (about a minute)      --threads N    default: one for each core
 *   --html FILE    the report (default: routing.html)                  --json FILE    all results
 * Exits with 3 where a verdict was missed or not shown, or the sum of the parts is below its bar.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { fullRate } from './full-rate.ts';
import { htmlReport } from '../../src/simulate/report/html-report.ts';
import { judge, ours } from './judge.ts';
import { mixedFleet, type Variant } from './fleets.ts';
import { firstTuningSeed, originOf, speedPerRate, workloadsOf, type Workload } from './workloads.ts';
import { priceNote } from './prices.ts';
import { printJudgement, printStudy, sumNotes } from './print-study.ts';
import { runStudyTasks } from '../../src/cli/simulate/run-study-tasks.ts';
import { sumOfParts } from './sum-of-parts.ts';
import { tune } from './tune.ts';
import type { BoundResult, CaseResult } from '../../src/simulate/study/study.ts';
import type { PolicyParameters } from '../../src/simulate/baselines/baseline-list.ts';
import type { StudyTask } from '../../src/cli/simulate/study-task.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    threads: { type: 'string', default: String(availableParallelism()) },
    html: { type: 'string', default: 'routing.html' },
    json: { type: 'string' },
  },
});
const { quick } = values;
const threads = Math.max(1, Math.min(64, Number(values.threads)));
const workloads = workloadsOf(quick);
const tuningSeeds = quick ? [firstTuningSeed] : [firstTuningSeed, firstTuningSeed + 1];
const seeds = Array.from({ length: quick ? 3 : 10 }, (_, index) => index + 1);
const boundSeeds = seeds.slice(0, quick ? 1 : 2);
const loads = quick ? [0.6, 0.85] : [0.6, 0.85, 0.95, 1.05];
const hardLoad = 0.85;
const variants: readonly Variant[] = ['one pool slows by half', 'drift', 'recorded step tables'];

const began = performance.now();
const say = (line: string): void => console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);

const study: { results: CaseResult[]; bounds: BoundResult[] } = { results: [], bounds: [] };
const rates = new Map<string, number>();
for (const workload of workloads) await runWorkload(workload);

async function runWorkload(workload: Workload): Promise<void> {
  const { requests } = workload;
  const full = await fullRate(workload, 'plain', threads);
  // The tables are of slower cards, so the same rate would be another load.
  const tableFull = await fullRate(workload, 'recorded step tables', threads);
  rates.set(workload.name, full);
  say(`${workload.name}: load 1 is ${full.toFixed(2)} requests a second, with recorded step tables ${tableFull.toFixed(2)}`);
  const perRate = new Map([...tuningSeeds, ...seeds].map((seed) => [seed, speedPerRate(workload, seed)]));
  const fullOf = (variant: Variant): number => (variant === 'recorded step tables' ? tableFull : full);
  const nameOf = (variant: Variant): string => (variant === 'plain' ? workload.name : `${workload.name}, ${variant}`);
  const speedOf = (variant: Variant, load: number, seed: number): number => load * fullOf(variant) * (perRate.get(seed) ?? 1);
  const taskOf = (variant: Variant, load: number, seed: number, what: StudyTask['what']): StudyTask => ({
    fleet: mixedFleet({ ...workload, variant, middleMs: (requests / (load * fullOf(variant))) * 500 }),
    origin: originOf(workload, seed),
    requests,
    what,
  });
  const runOf = (variant: Variant, load: number, policy: string, parameters: PolicyParameters, seed: number): StudyTask =>
    taskOf(variant, load, seed, {
      kind: 'run',
      run: { trace: nameOf(variant), load: speedOf(variant, load, seed), policy, parameters, seed },
    });
  const tuned = await tune((policy, parameters, seed) => runOf('plain', hardLoad, policy, parameters, seed), tuningSeeds, threads);
  const worlds: readonly { readonly variant: Variant; readonly load: number }[] = [
    ...loads.map((load) => ({ variant: 'plain' as const, load })),
    ...variants.map((variant) => ({ variant, load: hardLoad })),
  ];
  const planned = worlds.flatMap(({ variant, load }) => [
    ...seeds.flatMap((seed) => [...tuned].map(([policy, parameters]) => ({ load, task: runOf(variant, load, policy, parameters, seed) }))),
    ...boundSeeds.map((seed) => ({
      load,
      task: taskOf(variant, load, seed, { kind: 'bound', trace: nameOf(variant), load: speedOf(variant, load, seed), seed }),
    })),
  ]);
  const results = await runStudyTasks(
    planned.map(({ task }) => task),
    threads,
    (done, of) => {
      if (done % Math.ceil(of / 5) === 0) say(`${workload.name}: ${done} of ${of}`);
    },
  );
  for (const [index, one] of results.entries()) {
    // The report speaks of loads, the traces of speeds.
    const load = planned[index]?.load ?? 0;
    if (one.kind === 'run') study.results.push({ ...one.result, load });
    else study.bounds.push({ ...one.result, load });
  }
}

const parts = await sumOfParts({ seconds: quick ? 40 : 120, seeds: seeds.map((seed) => seed + 100), threads });
say('sum of the parts worked out');
const judgement = judge(study.results, study.bounds, rates, parts.mixed);
printStudy(study, console.log);
printJudgement(judgement, console.log);
const notes = [
  `${workloads.map(({ name, requests }) => `${requests} requests a run of ${name}`).join(', ')}; ${seeds.length} seeds, each another stretch of the trace with gaps varied by 30 %. Stretches overlap, so intervals are narrower than those of traces of other days would be. Each policy was tuned on its grid with ${tuningSeeds.length} seeds at load ${hardLoad}, on a part of the trace on which nobody is judged. Load 1 is the rate at which the best of three baselines, untuned and on a seed that is not judged, still keeps 95 % of what it keeps without load. The bound is of ${boundSeeds.length} seeds; it leaves out queues, whole requests, apart caches and what a step with a long prompt does to those who decode beside it, so where nobody comes near it (Mooncake, short overloads) it is loose rather than everybody bad.`,
  priceNote,
  ...sumNotes(parts),
];
for (const note of notes) console.log(note);
writeFileSync(values.html, htmlReport({ title: 'Routing policies, simulated', ...study }, notes, judgement));
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ notes, ...study, judgement, parts }));
const ownPart = parts.mixed.find(({ policy }) => policy === ours)?.part.mean ?? 0;
if (ownPart < judgement.partBar || judgement.verdicts.some(({ outcome }) => outcome !== 'held')) process.exitCode = 3;
say(`report: ${values.html}`);
