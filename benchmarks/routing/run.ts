/**
 * Routing policies against each other and against the clairvoyant bound: `npm run benchmark:routing`. Every policy is
 * tuned on its own grid with seeds that are not judged, then judged on unseen ones. All of it is simulated.
 *   --quick        few seeds and short stretches (about a minute)      --threads N    default: one for each core
 *   --html FILE    the report (default: routing.html)                  --json FILE    all results
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { collectTrace } from '../../src/simulate/bound/demand-buckets.ts';
import { htmlReport } from '../../src/simulate/report/html-report.ts';
import { mixedFleet, type Variant } from './fleets.ts';
import { openTrace, type TraceOrigin } from '../../src/cli/simulate/open-trace.ts';
import { policyList, type PolicyParameters } from '../../src/simulate/baselines/baseline-list.ts';
import { runStudyTasks } from '../../src/cli/simulate/run-study-tasks.ts';
import { spreadOf, summarise } from '../../src/simulate/study/summarise.ts';
import { sumOfParts } from './sum-of-parts.ts';
import type { Study } from '../../src/simulate/study/study.ts';
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
const requests = quick ? 1000 : 4000;
const tuningSeeds = quick ? [1001] : [1001, 1002];
const seeds = Array.from({ length: quick ? 2 : 10 }, (_, index) => index + 1);
const boundSeeds = seeds.slice(0, quick ? 1 : 2);
const loads = quick ? [0.6, 0.85] : [0.6, 0.85, 0.95, 1.05];
const tuningLoad = 0.85;
const calibrationSeed = 1001;

interface Workload {
  readonly name: string;
  readonly file: string;
  readonly size: number;
  readonly ttftMs: number;
  readonly tpotMs: number;
}

/**
 * SLOs: faster than people read, and twice and five times as patient where prompts are ten times as long. (A first try
 * with 5 s and 50 ms for the second trace could be kept by nobody: a step of 2,048 prompt tokens alone takes longer.)
 */
const workloads: readonly Workload[] = [
  { name: 'Azure conversation', file: 'azure-conversation-2023.csv.gz', size: 19_366, ttftMs: 2000, tpotMs: 50 },
  { name: 'Mooncake conversation', file: 'mooncake-conversation.jsonl.gz', size: 12_031, ttftMs: 10_000, tpotMs: 100 },
];

/** Each seed begins at another place of the trace. */
function originOf({ file, size }: Workload, seed: number): TraceOrigin {
  return { kind: 'file', path: fileURLToPath(new URL(`../traces/${file}`, import.meta.url)), skip: (seed * 977) % (size - requests) };
}

const began = performance.now();
const say = (line: string): void => console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);

/** How many times as fast a seed's stretch must be played for one request a second: stretches of a trace are busier than others. */
function speedPerRate(workload: Workload, seed: number): number {
  const trace = openTrace(originOf(workload, seed), { requests, load: 1, seed, sloClass: 'interactive' });
  return (collectTrace(trace).at(-1)?.atMs ?? 0) / 1000 / requests;
}

/** Load 1: the requests a second at which the best of all policies, untuned, still keeps 95 % of what it keeps without any load. */
async function fullRate(workload: Workload): Promise<number> {
  const goodputAt = async (perSecond: number): Promise<number> => {
    const tasks = policyList.map(({ name, grid }): StudyTask => {
      const load = perSecond * speedPerRate(workload, calibrationSeed);
      const run = { trace: workload.name, load, policy: name, parameters: grid[0] ?? {}, seed: calibrationSeed };
      const fleet = mixedFleet({ ...workload, variant: 'plain', middleMs: 0 });
      return { fleet, origin: originOf(workload, calibrationSeed), requests, what: { kind: 'run', run } };
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

const study: { results: Study['results'][number][]; bounds: Study['bounds'][number][] } = { results: [], bounds: [] };
for (const workload of workloads) {
  const full = await fullRate(workload);
  say(`${workload.name}: load 1 is ${full.toFixed(2)} requests a second`);
  const unit = new Map([...tuningSeeds, ...seeds].map((seed) => [seed, full * speedPerRate(workload, seed)]));
  const speedOf = (load: number, seed: number): number => load * (unit.get(seed) ?? 1);
  const task = (variant: Variant, load: number, seed: number, what: (trace: string) => StudyTask['what']): StudyTask => ({
    fleet: mixedFleet({ ...workload, variant, middleMs: (requests / (load * full)) * 500 }),
    origin: originOf(workload, seed),
    requests,
    what: what(variant === 'plain' ? workload.name : `${workload.name}, ${variant}`),
  });
  const run = (variant: Variant, load: number, policy: string, parameters: PolicyParameters, seed: number): StudyTask =>
    task(variant, load, seed, (trace) => ({ kind: 'run', run: { trace, load: speedOf(load, seed), policy, parameters, seed } }));
  const tuned = await tune(run);
  const variants: readonly Variant[] = ['one pool slows by half', 'drift', 'recorded step tables'];
  const tasks = [
    ...loads.flatMap((load) => seeds.flatMap((seed) => [...tuned].map(([policy, parameters]) => run('plain', load, policy, parameters, seed)))),
    ...variants.flatMap((variant) =>
      seeds.flatMap((seed) =>
        // The tables are of slower cards, so the same speed would be another load.
        [...tuned].map(([policy, parameters]) => run(variant, variant === 'recorded step tables' ? 0.35 : tuningLoad, policy, parameters, seed)),
      ),
    ),
    ...loads.flatMap((load) =>
      boundSeeds.map((seed) => task('plain', load, seed, (trace) => ({ kind: 'bound', trace, load: speedOf(load, seed), seed }))),
    ),
  ];
  const results = await runStudyTasks(tasks, threads, (done, of) => {
    if (done % Math.ceil(of / 5) === 0) say(`${workload.name}: ${done} of ${of}`);
  });
  // The report speaks of loads, the traces of speeds.
  const loadOf = ({ load, seed }: { readonly load: number; readonly seed: number }): number => Number((load / (unit.get(seed) ?? 1)).toFixed(4));
  for (const one of results)
    if (one.kind === 'run') study.results.push({ ...one.result, load: loadOf(one.result) });
    else study.bounds.push({ ...one.result, load: loadOf(one.result) });
}

async function tune(
  run: (variant: Variant, load: number, policy: string, parameters: PolicyParameters, seed: number) => StudyTask,
): Promise<ReadonlyMap<string, PolicyParameters>> {
  const choices = policyList.flatMap(({ name, grid }) => grid.map((parameters) => ({ name, parameters })));
  const tasks = choices.flatMap(({ name, parameters }) => tuningSeeds.map((seed) => run('plain', tuningLoad, name, parameters, seed)));
  const results = await runStudyTasks(tasks, threads, () => {});
  const best = new Map<string, { readonly parameters: PolicyParameters; readonly goodput: number }>();
  for (const [index, { name, parameters }] of choices.entries()) {
    const own = results.slice(index * tuningSeeds.length, (index + 1) * tuningSeeds.length);
    const { mean } = spreadOf(own.flatMap((one) => (one.kind === 'run' ? [one.result.goodput] : [])));
    if (mean > (best.get(name)?.goodput ?? -1)) best.set(name, { parameters, goodput: mean });
  }
  return new Map([...best].map(([name, { parameters }]) => [name, parameters]));
}

const parts = await sumOfParts(quick ? 400 : 1500, threads);
say('sum of the parts worked out');
for (const { trace, load, policy, goodput, bound } of summarise(study.results, study.bounds))
  console.log(
    `${trace.padEnd(48)} ${String(load).padEnd(6)} ${policy.padEnd(22)} ${goodput.mean.toFixed(4)} ± ${goodput.halfWidth?.toFixed(4) ?? '–'}  bound ${bound?.toFixed(4) ?? '–'}`,
  );
const partNotes = [
  `Three pools fitted to what others measured (SLO fixed before fitting: TTFT 2 s, TPOT 50 ms). Alone, at their best: ${Object.entries(parts.parts)
    .map(([pool, rate]) => `${pool} ${rate.toFixed(2)}`)
    .join(', ')} good requests a second; sum ${parts.sum.toFixed(2)}.`,
  `Together at that rate: ${parts.mixed.map(({ policy, part }) => `${policy} ${(100 * part).toFixed(1)} %`).join(', ')} of the sum.`,
];
for (const note of partNotes) console.log(note);
const notes = [
  `${requests} requests a run, ${seeds.length} unseen seeds, each policy tuned on its grid with ${tuningSeeds.length} others at load ${tuningLoad}. Load 1 is the rate at which the best of all policies, untuned, still keeps 95 % of what it keeps without load. The bound is of ${boundSeeds.length} seeds.`,
  ...partNotes,
];
writeFileSync(values.html, htmlReport({ title: 'Routing policies, simulated', ...study }, notes));
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ notes, ...study }));
say(`report: ${values.html}`);
