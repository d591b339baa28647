import { collectTrace } from '../../simulate/bound/demand-buckets.ts';
import { fleetOf, type FleetFile } from '../../simulate/fleet-file.ts';
import { fluidBound } from '../../simulate/bound/fluid-bound.ts';
import { loadHighsSolver } from '../../simulate/bound/highs-solver.ts';
import { blockTokensOf, openTrace, type TraceOrigin } from './open-trace.ts';
import { runCase } from '../../simulate/study/run-case.ts';
import { TraceProblem } from '../../simulate/trace/trace-problem.ts';
import type { BoundResult, CaseResult, StudyCase } from '../../simulate/study/study.ts';
import type { LinearSolver } from '../../simulate/bound/linear-programme.ts';

/** One piece of a study, as plain data that a thread can be sent. */
export interface StudyTask {
  readonly fleet: FleetFile;
  readonly origin: TraceOrigin;
  readonly requests: number;
  readonly what:
    | { readonly kind: 'run'; readonly run: StudyCase }
    | { readonly kind: 'bound'; readonly trace: string; readonly load: number; readonly seed: number };
}

export type TaskResult = { readonly kind: 'run'; readonly result: CaseResult } | { readonly kind: 'bound'; readonly result: BoundResult };

/** So many requests are looked at for the mean lengths that capacity-aware policies are told. */
const sampled = 1000;
let solver: Promise<LinearSolver> | undefined;

/** Runs it. An error of the trace says of which file. */
export async function runStudyTask(task: StudyTask): Promise<TaskResult> {
  try {
    return await runTask(task);
  } catch (error) {
    if (error instanceof TraceProblem && task.origin.kind === 'file') throw new Error(`${task.origin.path}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function runTask({ fleet: file, origin, requests, what }: StudyTask): Promise<TaskResult> {
  const fleet = fleetOf(file, blockTokensOf(origin));
  const { load, seed } = what.kind === 'run' ? what.run : what;
  const open = (count: number): ReturnType<typeof openTrace> => openTrace(origin, { requests: count, load, seed, sloClass: file.slo.name });
  if (what.kind === 'bound') {
    solver ??= loadHighsSolver();
    const { goodput } = fluidBound({ fleet, faults: file.faults, requests: collectTrace(open(requests)), solver: await solver });
    return { kind: 'bound', result: { trace: what.trace, load, seed, goodput } };
  }
  const sample = collectTrace(open(Math.min(requests, sampled)));
  const meanOf = (tokens: readonly number[]): number => tokens.reduce((sum, count) => sum + count, 0) / Math.max(1, tokens.length);
  const result = runCase(what.run, {
    fleet,
    faults: file.faults,
    trace: open(requests),
    meanPromptTokens: meanOf(sample.map(({ promptTokens }) => promptTokens)),
    meanOutputTokens: meanOf(sample.map(({ outputTokens }) => outputTokens)),
  });
  return { kind: 'run', result };
}
