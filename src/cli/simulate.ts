import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { CliProblem, usageProblem } from './cli-problem.ts';
import { csvReport } from '../simulate/report/csv-report.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { htmlReport } from '../simulate/report/html-report.ts';
import { loadFleet } from './simulate/load-fleet.ts';
import { nearestName } from '../std/nearest-name.ts';
import { policyList } from '../simulate/baselines/baseline-list.ts';
import { runStudyTasks } from './simulate/run-study-tasks.ts';
import { say, writeJson, type CliIo } from './cli-io.ts';
import { summarise } from '../simulate/study/summarise.ts';
import { traceOrigin, type TraceOrigin } from './simulate/open-trace.ts';
import type { Arguments } from './parse-arguments.ts';
import type { Command } from './command.ts';
import type { Study } from '../simulate/study/study.ts';
import type { StudyTask } from './simulate/study-task.ts';

const mostRequests = 100_000_000;
/** The bound's programme holds every request, as no simulation does. */
const mostBounded = 20_000;

export const simulateCommand: Command = {
  usage: 'simulate FLEET --trace FILE|LAW [options]',
  options: {
    trace: {
      value: 'FILE|LAW',
      summary: 'Azure’s or Mooncake’s trace or the ledger’s exported attempts (also as .gz), or poisson:RATE, gamma:RATE:CV, bursts:RATE:FACTOR.',
    },
    policy: { value: 'NAME', repeats: true, summary: 'A policy to run (default: all). `second-source` is ours.' },
    load: { value: 'X', repeats: true, summary: 'How many times as fast the trace is played (default: 1).' },
    requests: { value: 'N', summary: 'How many requests of the trace (default: 10000).' },
    seeds: { value: 'N', summary: 'How many seeds (default: 1).' },
    'first-seed': { value: 'N', summary: 'The first of them (default: 1).' },
    bound: { summary: 'Work out the clairvoyant bound too.' },
    threads: { value: 'N', summary: 'Threads to run on (default: one for each core).' },
    html: { value: 'FILE', summary: 'Write a report with plots.' },
    csv: { value: 'FILE', summary: 'Write one line a run.' },
    json: { summary: 'Print all results as JSON on standard output.' },
  },
  mostPositionals: 1,
  run: async (args, io) => {
    const { tasks, title } = planOf(args, io);
    const began = performance.now();
    const results = await runStudyTasks(tasks, args.wholeNumber('threads', 1, 256) ?? availableParallelism(), (done, of) =>
      progress(io, done, of),
    ).catch((error: unknown) => {
      throw new CliProblem(error instanceof Error ? error.message : String(error), exitCodes.fault);
    });
    const study: Study = {
      title,
      results: results.flatMap((one) => (one.kind === 'run' ? [one.result] : [])),
      bounds: results.flatMap((one) => (one.kind === 'bound' ? [one.result] : [])),
    };
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const note = `${study.results.length} runs of ${study.results[0]?.requests ?? 0} requests, in ${seconds} s.`;
    write(args, io, 'html', () => htmlReport(study, [note]));
    write(args, io, 'csv', () => csvReport(study));
    if (args.flag('json')) writeJson(io, study);
    else io.stdout.write(summaryTable(study));
    say(io, `Simulated, not measured. ${note}`);
    return exitCodes.ok;
  },
};

function planOf(args: Arguments, io: CliIo): { readonly tasks: readonly StudyTask[]; readonly title: string } {
  const [path] = args.positionals;
  if (path === undefined) throw usageProblem('Which fleet? Give its file; `docs/simulate.md` has an example.');
  const fleet = loadFleet(resolve(io.workingDirectory, path), io.readFile);
  const { origin, name } = readOrigin(args.text('trace'), io);
  const loads = numbersOf(args, 'load');
  const policies = policiesOf(args);
  const requests = args.wholeNumber('requests', 1, mostRequests) ?? 10_000;
  const first = args.wholeNumber('first-seed', 0, 1_000_000_000) ?? 1;
  const seeds = Array.from({ length: args.wholeNumber('seeds', 1, 10_000) ?? 1 }, (_, index) => first + index);
  if (args.flag('bound') && requests > mostBounded) throw usageProblem(`--bound takes at most ${mostBounded} --requests.`);
  const tasks = loads.flatMap((load) =>
    seeds.flatMap((seed): StudyTask[] => {
      const common = { fleet, origin, requests };
      const runs = policies.map((policy): StudyTask => ({
        ...common,
        what: { kind: 'run', run: { trace: name, load, policy, parameters: {}, seed } },
      }));
      return args.flag('bound') ? [...runs, { ...common, what: { kind: 'bound', trace: name, load, seed } }] : runs;
    }),
  );
  return { tasks, title: `${basename(path)} under ${name}` };
}

function readOrigin(text: string | undefined, io: CliIo): { readonly origin: TraceOrigin; readonly name: string } {
  if (text === undefined) throw usageProblem('Which trace? Give --trace FILE, or a law such as --trace poisson:50.');
  const origin = traceOrigin(text);
  if (origin === undefined)
    throw usageProblem(`\`${text}\` is no law. They are poisson:RATE, gamma:RATE:CV and bursts:RATE:FACTOR, in requests a second.`);
  if (origin.kind === 'law') return { origin, name: text };
  const path = resolve(io.workingDirectory, origin.path);
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw usageProblem(`${text} cannot be read. Correct the path of the trace, or name a law such as poisson:50.`);
  }
  return { origin: { ...origin, path }, name: basename(text) };
}

function numbersOf(args: Arguments, name: string): readonly number[] {
  const given = args.given.filter((option) => option.name === name).map(({ value }) => Number(value));
  if (given.some((value) => !(value > 0 && value <= 1000))) throw usageProblem(`--${name} needs a number above 0, at most 1000.`);
  return given.length === 0 ? [1] : given;
}

function policiesOf(args: Arguments): readonly string[] {
  const known = policyList.map(({ name }) => name);
  const given = args.given.filter((option) => option.name === 'policy').map(({ value }) => value);
  const wrong = given.find((name) => !known.includes(name));
  if (wrong === undefined) return given.length === 0 ? known : given;
  const near = nearestName(wrong, known);
  throw usageProblem(`There is no policy \`${wrong}\`. ${near === undefined ? `There are: ${known.join(', ')}.` : `Did you mean \`${near}\`?`}`);
}

function progress(io: CliIo, done: number, of: number): void {
  if (io.stderr.isTTY === true) io.stderr.write(`\r${done} of ${of} runs${done === of ? '\n' : ''}`);
  else if (done % Math.max(1, Math.floor(of / 10)) === 0) say(io, `${done} of ${of} runs`);
}

function write(args: Arguments, io: CliIo, option: string, make: () => string): void {
  const path = args.text(option);
  if (path === undefined) return;
  try {
    io.writeFile(resolve(io.workingDirectory, path), make());
  } catch {
    throw new CliProblem(`${path} cannot be written; give another --${option}.`, exitCodes.fault);
  }
}

function summaryTable({ results, bounds }: Study): string {
  const lines = summarise(results, bounds);
  return formatTable(
    [
      { title: 'POLICY' },
      { title: 'LOAD' },
      { title: 'GOODPUT' },
      { title: '± 95 %' },
      { title: 'BOUND' },
      { title: 'TTFT P99' },
      { title: 'TPOT P99' },
      { title: 'CACHED' },
    ],
    lines.map((line) => [
      line.policy,
      String(line.load),
      line.goodput.mean.toFixed(4),
      line.goodput.halfWidth?.toFixed(4) ?? '–',
      line.bound?.toFixed(4) ?? '–',
      `${line.ttftP99Ms.mean.toFixed(0)} ms`,
      `${line.tpotP99Ms.mean.toFixed(1)} ms`,
      `${(100 * line.cachedShare.mean).toFixed(1)} %`,
    ]),
  );
}
