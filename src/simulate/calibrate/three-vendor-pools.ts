import { kvCapacityTokens } from '../../step-time/kv-capacity-tokens.ts';
import { nelderMead } from './nelder-mead.ts';
import { RooflineStepModel, type EngineFit } from '../step/roofline-step-model.ts';
import { seededRandom } from '../../std/random.ts';
import { simulateFleet } from '../simulate-fleet.ts';
import { syntheticTrace } from '../trace/synthetic-trace.ts';
import { weightedScorer } from '../baselines/weighted-scorer.ts';
import type { ChipFacts } from '../../step-time/chip-facts.ts';
import type { FleetSpec, ReplicaSpec, SloClass } from '../fleet-spec.ts';
import type { ModelShape } from '../../step-time/model-shape.ts';
import type { PoolFacts, PoolStage } from './three-vendor-facts.ts';
import { warmUpClass, type TraceRequest } from '../trace/trace.ts';

/**
 * Fixed on 25 November 2026 before anything was fitted: a first word within two seconds, then twenty tokens a second,
 * faster than people read.
 */
export const threeVendorSlo: SloClass = { name: 'interactive', ttftMs: 2000, tpotMs: 50 };

/** The model is a dense one of 8 B parameters in 16 bit; its layers and heads are assumed to be those of its family's earlier 8 B model. */
export const threeVendorModel: ModelShape = {
  parameters: 8.2e9,
  activeParameters: 8.2e9,
  bytesPerParameter: 2,
  kvBytesPerToken: 163_840,
  layers: 40,
  attentionWidth: 4096,
};

/** Published figures: NVIDIA's for the H100 NVL, the others as in our chip table (claimed, 2026-04). */
export const threeVendorChips: Readonly<Record<PoolFacts['pool'], ChipFacts>> = {
  nvidia: { memoryBandwidthTbPerS: 3.9, denseTflops: 835, memoryGb: 94 },
  amd: { memoryBandwidthTbPerS: 6, denseTflops: 1307, memoryGb: 256 },
  intel: { memoryBandwidthTbPerS: 3.7, denseTflops: 1835, memoryGb: 128 },
};

const blockTokens = 16;
/** By what its trace's prompts are compared: a fleet that runs it must compare alike. */
export const threeVendorBlockTokens = 128;
/** 6,000 of 7,200 tokens asked for were the system prompt's; as tokenised, the same part of 7,545. */
const sharedTokens = 6287;
const warmUp = 750;

/**
 * A fit, with the tokens that its memory holds over those that the assumed model would take: less where graphs and
 * fragments take some, more where the model has fewer key-value heads than assumed or holds them in 8 bit.
 */
export interface PoolFit extends EngineFit {
  readonly kvShare: number;
}

export function poolReplicas({ pool, chip, replicas }: PoolFacts, fit: PoolFit): readonly ReplicaSpec[] {
  const stepModel = new RooflineStepModel(threeVendorChips[pool], threeVendorModel, fit);
  const capacityBlocks = Math.floor((kvCapacityTokens(threeVendorChips[pool], threeVendorModel) * fit.kvShare) / blockTokens);
  return Array.from({ length: replicas }, (_, index) => ({
    id: `${pool}-${index}`,
    pool,
    vendor: pool,
    chip,
    model: 'm',
    shape: {
      stepModel,
      capacityBlocks,
      blockTokens,
      prefixBlockTokens: threeVendorBlockTokens,
      cachesPrefixes: true,
      maxSequences: 256,
      maxBatchTokens: 8192,
      reservesWholePrompt: true,
    },
    maxWaiting: 1e6,
    price: undefined,
    readyAtMs: 0,
  }));
}

/** The workload of the runs: 150 groups of 5 prompts that come again and again, after a warm-up in which each comes once or so. */
export function* threeVendorTrace(
  { requests, perSecond, promptTokens, outputTokens }: Pick<PoolStage, 'requests' | 'perSecond' | 'promptTokens' | 'outputTokens'>,
  seed: number,
): Generator<TraceRequest, undefined> {
  const shared = { groups: 150, tokens: sharedTokens, membersPerGroup: 5 };
  const lengths = { prompt: { median: promptTokens, sigma: 0, most: 1e5 }, output: { median: outputTokens, sigma: 0.03, most: 1e5 } };
  const common = { model: 'm', prefixBlockTokens: threeVendorBlockTokens, shared, ...lengths };
  const random = seededRandom(seed);
  let lastMs = 0;
  for (const request of syntheticTrace({ ...common, arrivals: { kind: 'poisson', perSecond: 3 }, requests: warmUp, sloClass: warmUpClass, random })) {
    lastMs = request.atMs;
    yield { ...request, outputTokens: 1 };
  }
  for (const request of syntheticTrace({ ...common, arrivals: { kind: 'poisson', perSecond }, requests, sloClass: threeVendorSlo.name, random }))
    yield { ...request, atMs: lastMs + 60_000 + request.atMs };
  return undefined;
}

export interface StageResult {
  readonly ttftMeanMs: number;
  readonly tpotMeanMs: number;
  readonly totalMeanMs: number;
}

/** One stage on one pool under the llm-d-like scorer, which is what those who measured ran or compared with. */
export function simulateStage(replicas: readonly ReplicaSpec[], stage: PoolStage, seed: number): StageResult {
  const fleet: FleetSpec = { replicas, sloClasses: [threeVendorSlo] };
  const sums = { count: 0, ttft: 0, tpot: 0, total: 0 };
  simulateFleet({
    fleet,
    trace: threeVendorTrace(stage, seed),
    router: weightedScorer({ replicas: replicas.length, prefixWeight: 2, queueWeight: 1, kvWeight: 1, mostBlocks: knownBlocks(replicas) }),
    seed,
    onOutcome: ({ arrival, ttftMs, tpotMs, totalMs }) => {
      if (arrival.sloClass !== threeVendorSlo.name) return;
      sums.count += 1;
      sums.ttft += ttftMs;
      sums.tpot += tpotMs;
      sums.total += totalMs;
    },
  });
  return { ttftMeanMs: sums.ttft / sums.count, tpotMeanMs: sums.tpot / sums.count, totalMeanMs: sums.total / sums.count };
}

/** What a router that is told of evictions would know: about what fits beside the answers. */
function knownBlocks(replicas: readonly ReplicaSpec[]): number {
  const { capacityBlocks = 0 } = replicas[0]?.shape ?? {};
  return Math.max(1, Math.floor((capacityBlocks * blockTokens * 0.5) / threeVendorBlockTokens));
}

/** Fits one pool to the means of all its stages, by the logarithms of what they are off. */
export function fitPool(facts: PoolFacts, evaluations: number): { readonly fit: PoolFit; readonly loss: number } {
  const measure = (point: readonly number[]): number => {
    const replicas = poolReplicas(facts, fitOf(point));
    const losses = facts.stages.map((stage) => {
      const found = simulateStage(replicas, stage, 1);
      return 0.5 * off(found.ttftMeanMs, stage.ttftMeanMs) + off(found.tpotMeanMs, stage.tpotMeanMs) + off(found.totalMeanMs, stage.totalMeanMs);
    });
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  };
  // A simplex ends in the valley in which it began, so several begin: little or much per sequence, little or much memory.
  const minima = starts.map((start) => nelderMead(measure, start.map(Math.log), [0.7, 0.7, 0.5, 0.5, 0.3], evaluations));
  const best = minima.reduce((least, found) => (found.value < least.value ? found : least));
  return { fit: fitOf(best.point), loss: best.value };
}

const starts = [
  [1, 0.4, 3, 0.05, 0.9],
  [1, 0.4, 3, 0.4, 1.2],
  [0.5, 0.5, 6, 1.2, 1.2],
] as const;

function off(found: number, truth: number): number {
  return Math.abs(Math.log(found / truth));
}

function fitOf([compute = 0, memory = 0, overhead = 0, sequence = 0, kv = 0]: readonly number[]): PoolFit {
  return {
    // No engine beats the roofline.
    computeFactor: 1 + Math.exp(compute),
    memoryFactor: 1 + Math.exp(memory),
    overheadMs: Math.exp(overhead),
    perSequenceMs: Math.exp(sequence),
    kvShare: Math.exp(kv),
  };
}
