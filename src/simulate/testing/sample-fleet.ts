import { groupOfChips } from '../../step-time/chip-facts.ts';
import { kvCapacityTokens } from '../../step-time/kv-capacity-tokens.ts';
import { llama8b } from '../calibrate/recorded-engines.ts';
import { RooflineStepModel, type EngineFit } from '../step/roofline-step-model.ts';
import type { ChipFacts } from '../../step-time/chip-facts.ts';
import type { FleetSpec, ReplicaSpec } from '../fleet-spec.ts';

export const sampleModel = llama8b;

const sampleFit: EngineFit = { computeFactor: 1.6, memoryFactor: 1.4, overheadMs: 2, perSequenceMs: 0.01 };

export interface SamplePool {
  readonly pool: string;
  readonly vendor: string;
  readonly chip: ChipFacts;
  readonly count: number;
}

/** Claimed figures of three chips (16-bit arithmetic), enough to have a fleet of unequals. */
export const samplePools: readonly SamplePool[] = [
  { pool: 'h100', vendor: 'nvidia', chip: { memoryBandwidthTbPerS: 3.35, denseTflops: 989, memoryGb: 80 }, count: 8 },
  { pool: 'mi325x', vendor: 'amd', chip: { memoryBandwidthTbPerS: 6, denseTflops: 1307, memoryGb: 256 }, count: 6 },
  { pool: 'gaudi3', vendor: 'intel', chip: { memoryBandwidthTbPerS: 3.7, denseTflops: 1835, memoryGb: 128 }, count: 6 },
];

export interface SampleFleetOptions {
  readonly pools?: readonly SamplePool[];
  readonly prefixBlockTokens?: number;
  readonly maxWaiting?: number;
  readonly fit?: EngineFit;
  /** Of the memory's tokens, so that a small one can be had. */
  readonly kvShare?: number;
  readonly maxSequences?: number;
}

/** A fleet of unequals for tests and benchmarks: its speeds are assumed, nobody measured them. */
export function sampleFleet({
  pools = samplePools,
  prefixBlockTokens = 512,
  maxWaiting = 10_000,
  fit = sampleFit,
  kvShare = 1,
  maxSequences = 256,
}: SampleFleetOptions = {}): FleetSpec {
  const replicas = pools.flatMap(({ pool, vendor, chip, count }) => {
    const facts = groupOfChips(chip, 1);
    const stepModel = new RooflineStepModel(facts, sampleModel, fit);
    const capacityBlocks = Math.floor((kvCapacityTokens(facts, sampleModel) * kvShare) / 16);
    return Array.from({ length: count }, (_, index): ReplicaSpec => ({
      id: `${pool}-${index}`,
      pool,
      vendor,
      chip: pool,
      model: 'm',
      shape: {
        stepModel,
        capacityBlocks,
        blockTokens: 16,
        prefixBlockTokens,
        cachesPrefixes: true,
        maxSequences,
        maxBatchTokens: 2048,
        reservesWholePrompt: true,
      },
      maxWaiting,
      price: undefined,
      readyAtMs: 0,
    }));
  });
  return { replicas, sloClasses: [{ name: 'interactive', ttftMs: 2000, tpotMs: 50 }] };
}
