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
import { fleetOf } from '../../src/simulate/fleet-file.ts';
import { fluidBound } from '../../src/simulate/bound/fluid-bound.ts';
import { htmlReport } from '../../src/simulate/report/html-report.ts';
import { loadHighsSolver } from '../../src/simulate/bound/highs-solver.ts';
import { mixedFleet, type Variant } from './fleets.ts';
import { openTrace, prefixBlockTokens, type TraceOrigin } from '../../src/cli/simulate/open-trace.ts';
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

const solver = await loadHighsSolver();
const began = performance.now();
const say = (line: string): void => console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);

/** Load 1: the speed of the trace at which even the clairvoyant programme could not go on for ever without losing requests. */
function fullSpeed(workload: Workload): number {
  const fleet = fleetOf(mixedFleet({ ...workload, variant: 'plain', middleMs: 0 }), prefixBlockTokens);
  const goodputAt = (load: number): number => {
    const trace = openTrace(originOf(workload, 1001), { requests, load, seed: 1001, sloClass: 'interactive' });
    return fluidBound({ fleet, requests: collectTrace(trace), solver, isStationary: true }).goodput;
  };
  const enough = 0.98 * goodputAt(0.1);
  let low = 0.1;
  let high = 0.2;
  while (goodputAt(high) >= enough && high < 1000) {
    low = high;
    high *= 2;
  }
  for (let round = 0; round < 4; round += 1) {
    const middle = Math.sqrt(low * high);
    if (goodputAt(middle) >= enough) low = middle;
    else high = middle;
  }
  return low;
}

const study: { results: Study['results'][number][]; bounds: Study['bounds'][number][] } = { results: [], bounds: [] };
for (const workload of workloads) {
  const full = fullSpeed(workload);
  say(`${workload.name}: load 1 is ${full.toFixed(2)} times the recorded speed`);
  const task = (variant: Variant, load: number, seed: number, what: (trace: string) => StudyTask['what']): StudyTask => ({
    fleet: mixedFleet({ ...workload, variant, middleMs: (requests / workload.size) * 1_750_000 * (1 / (load * full)) }),
    origin: originOf(workload, seed),
    requests,
    what: what(variant === 'plain' ? workload.name : `${workload.name}, ${variant}`),
  });
  const run = (variant: Variant, load: number, policy: string, parameters: PolicyParameters, seed: number): StudyTask =>
    task(variant, load, seed, (trace) => ({ kind: 'run', run: { trace, load: load * full, policy, parameters, seed } }));
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
    ...loads.flatMap((load) => boundSeeds.map((seed) => task('plain', load, seed, (trace) => ({ kind: 'bound', trace, load: load * full, seed })))),
  ];
  const results = await runStudyTasks(tasks, threads, (done, of) => {
    if (done % Math.ceil(of / 5) === 0) say(`${workload.name}: ${done} of ${of}`);
  });
  // The report speaks of loads, the traces of speeds.
  const loadOf = (speed: number): number => Number((speed / full).toFixed(4));
  for (const one of results)
    if (one.kind === 'run') study.results.push({ ...one.result, load: loadOf(one.result.load) });
    else study.bounds.push({ ...one.result, load: loadOf(one.result.load) });
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
  `${requests} requests a run, ${seeds.length} unseen seeds, each policy tuned on its grid with ${tuningSeeds.length} others at load ${tuningLoad}. Load 1 is the most that a clairvoyant split with ideal prefix hits could bear for ever. The bound is of ${boundSeeds.length} seeds.`,
  ...partNotes,
];
writeFileSync(values.html, htmlReport({ title: 'Routing policies, simulated', ...study }, notes));
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ notes, ...study }));
say(`report: ${values.html}`);
