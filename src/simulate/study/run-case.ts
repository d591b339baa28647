import { policyList } from '../baselines/baseline-list.ts';
import { replicaCapacity } from '../replica-capacity.ts';
import { seededRandom } from '../../std/random.ts';
import { simulateFleet } from '../simulate-fleet.ts';
import { wrongPriors } from '../step-prior.ts';
import type { CaseResult, StudyCase } from './study.ts';
import type { Fault } from '../fault/fault.ts';
import type { FleetSpec } from '../fleet-spec.ts';
import type { ShareView } from '../../policy/choice/ask.ts';
import type { Trace } from '../trace/trace.ts';

export interface CaseWorld {
  readonly fleet: FleetSpec;
  readonly faults: readonly Fault[];
  readonly trace: Trace;
  /** What the policies that know true capacities are told to expect. */
  readonly meanPromptTokens: number;
  readonly meanOutputTokens: number;
  /** Caps of this run, which it alone may change; absent: none. */
  readonly shares?: ShareView | undefined;
}

/** Runs one policy over one trace. Throws a RangeError for a policy that there is not. */
export function runCase(studyCase: StudyCase, { fleet, faults, trace, meanPromptTokens, meanOutputTokens, shares }: CaseWorld): CaseResult {
  const policy = policyList.find(({ name }) => name === studyCase.policy);
  if (policy === undefined) throw new RangeError(`There is no policy ${studyCase.policy}.`);
  const { replicas } = fleet;
  const blocks = replicas.map(({ shape }) => (shape.capacityBlocks * shape.blockTokens) / shape.prefixBlockTokens);
  const router = policy.make(
    {
      pools: replicas.map(({ pool }) => pool),
      capacity: replicas.map(({ shape }) => replicaCapacity(shape, meanPromptTokens, meanOutputTokens)),
      prefixBlocks: Math.max(1, Math.round(blocks.reduce((sum, count) => sum + count, 0) / blocks.length)),
      priors: wrongPriors(replicas, studyCase.priorError ?? 1, seededRandom(studyCase.seed + 17)),
      sloClasses: fleet.sloClasses,
      shares,
      random: seededRandom(studyCase.seed + 11),
    },
    studyCase.parameters,
  );
  const { tally, places, endMs } = simulateFleet({ fleet, faults, trace, router, seed: studyCase.seed });
  const prompts = [...tally.pools.values()];
  const promptTokens = prompts.reduce((sum, pool) => sum + pool.promptTokens, 0);
  return {
    ...studyCase,
    evidence: 'simulated',
    requests: tally.requests,
    finished: tally.finished,
    refused: tally.refused,
    good: tally.good,
    goodput: tally.requests === 0 ? 0 : tally.good / tally.requests,
    continued: tally.continued,
    retries: tally.retries,
    ttftP50Ms: tally.ttftMs.quantile(0.5),
    ttftP99Ms: tally.ttftMs.quantile(0.99),
    tpotP50Ms: tally.tpotMs.quantile(0.5),
    tpotP99Ms: tally.tpotMs.quantile(0.99),
    totalMeanMs: tally.totalMs.mean,
    preemptions: places.reduce((sum, { engine }) => sum + engine.preemptions, 0),
    cachedShare: promptTokens === 0 ? 0 : prompts.reduce((sum, pool) => sum + pool.cachedTokens, 0) / promptTokens,
    usd: tally.unpriced > 0 ? undefined : tally.usd,
    endMs,
    pools: [...tally.pools].map(([pool, { requests, outputTokens }]) => ({
      pool,
      vendor: replicas.find((spec) => spec.pool === pool)?.vendor ?? 'unknown',
      requests,
      outputTokens,
    })),
    timeline: {
      binMs: tally.timeline.binMs,
      goodput: Array.from(
        { length: tally.timeline.size },
        (_, bin) => (tally.timeline.good[bin] ?? 0) / Math.max(1, tally.timeline.requests[bin] ?? 0),
      ),
    },
  };
}
