import { z } from 'zod';
import { groupOfChips } from '../step-time/chip-facts.ts';
import { kvCapacityTokens } from '../step-time/kv-capacity-tokens.ts';
import { recordedStepTables } from './step/recorded-step-tables.ts';
import { RooflineStepModel } from './step/roofline-step-model.ts';
import { stepPriorOf } from './step-prior.ts';
import { TableStepModel } from './step/table-step-model.ts';
import type { FleetSpec, ReplicaSpec } from './fleet-spec.ts';
import type { StepModel } from './step/step-model.ts';

const positive = z.number().positive().max(1e15);
const whole = z.number().int().positive().max(1e9);
const atLeastNone = z.number().nonnegative().max(1e12);
const name = z.string().min(1).max(128);

const modelSchema = z.strictObject({
  parameters: positive,
  activeParameters: positive.optional(),
  bytesPerParameter: positive,
  kvBytesPerToken: positive,
  layers: whole,
  attentionWidth: whole,
});

const fitSchema = z.strictObject({
  computeFactor: positive.default(1.6),
  memoryFactor: positive.default(1.4),
  overheadMs: atLeastNone.default(2),
  perSequenceMs: atLeastNone.default(0.01),
});

const poolSchema = z.strictObject({
  id: name,
  vendor: name,
  chip: name,
  replicas: whole.max(1000),
  chipsPerReplica: whole.max(1024).default(1),
  memoryBandwidthTbPerS: positive,
  denseTflops: positive,
  memoryGb: positive,
  fit: fitSchema.prefault({}),
  /** Steps by a recorded table instead of the rooflines. */
  stepTable: z.enum(['rtx4090', 'rtxpro6000']).optional(),
  /** Times all steps: hidden truth that differs from what its rooflines say. */
  speed: positive.default(1),
  /** Tokens that fit into its memory over those that its size says. */
  kvShare: positive.default(1),
  maxSequences: whole.max(100_000).default(256),
  maxBatchTokens: whole.default(2048),
  maxWaiting: z.number().int().nonnegative().max(1e9).default(10_000),
  readyAtMs: atLeastNone.default(0),
  price: z.strictObject({ inputUsdPerMtok: atLeastNone, cachedInputUsdPerMtok: atLeastNone, outputUsdPerMtok: atLeastNone }).optional(),
});

const targetSchema = z.strictObject({ by: z.enum(['replica', 'pool', 'vendor']), name });
const timed = { target: targetSchema, atMs: atLeastNone, forMs: positive };
const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('loss'), ...timed, coldStartMs: atLeastNone.default(60_000) }),
  z.strictObject({ kind: z.literal('slow'), ...timed, factor: positive }),
  z.strictObject({ kind: z.literal('refusals'), ...timed, share: z.number().min(0).max(1), retryAfterMs: atLeastNone.default(1000) }),
  z.strictObject({ kind: z.literal('kv-cliff'), ...timed, share: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal('drift'), target: targetSchema, most: z.number().positive().max(0.9), everyMs: positive }),
]);

/** A fleet to simulate: `docs/simulate.md` explains each key. */
export const fleetFileSchema = z.strictObject({
  model: modelSchema,
  pools: z.array(poolSchema).min(1).max(100),
  slo: z.strictObject({ name: name.default('interactive'), ttftMs: positive, tpotMs: positive, totalMs: positive.optional() }),
  faults: z.array(faultSchema).max(100).default([]),
});

export type FleetFile = z.output<typeof fleetFileSchema>;

const blockTokens = 16;

/** The fleet that a file describes, for a trace whose prompts are hashed in blocks of so many tokens. */
export function fleetOf({ model, pools, slo }: FleetFile, prefixBlockTokens: number): FleetSpec {
  const shape = { ...model, activeParameters: model.activeParameters ?? model.parameters };
  const replicas = pools.flatMap((pool) => {
    const chip = groupOfChips(pool, pool.chipsPerReplica);
    // Priors are the data sheet's, whatever the steps really follow.
    const claimed = new RooflineStepModel(chip, shape, pool.fit);
    const known = pool.stepTable === undefined ? claimed : new TableStepModel(recordedStepTables[pool.stepTable]);
    return Array.from({ length: pool.replicas }, (_, index): ReplicaSpec => ({
      id: `${pool.id}-${index}`,
      pool: pool.id,
      vendor: pool.vendor,
      chip: pool.chip,
      model: 'm',
      shape: {
        stepModel: pool.speed === 1 ? known : timesSpeed(known, pool.speed),
        capacityBlocks: Math.floor((kvCapacityTokens(chip, shape) * pool.kvShare) / blockTokens),
        blockTokens,
        prefixBlockTokens,
        cachesPrefixes: true,
        maxSequences: pool.maxSequences,
        maxBatchTokens: pool.maxBatchTokens,
        reservesWholePrompt: true,
      },
      prior: stepPriorOf(claimed),
      maxWaiting: pool.maxWaiting,
      price: pool.price,
      readyAtMs: pool.readyAtMs,
    }));
  });
  const { totalMs, ...limits } = slo;
  return { replicas, sloClasses: [totalMs === undefined ? limits : { ...limits, totalMs }] };
}

/** The same model, `speed` times as fast. */
export function timesSpeed(model: StepModel, speed: number): StepModel {
  return {
    stepMs: (work) => model.stepMs(work) / speed,
    decodeLine: (sequences, residentKvTokens, line) => {
      model.decodeLine(sequences, residentKvTokens, line);
      line.baseMs /= speed;
      line.perKvTokenMs /= speed;
    },
    floors: model.floors.map((floor) => ({
      perStepMs: floor.perStepMs / speed,
      perPrefillTokenMs: floor.perPrefillTokenMs / speed,
      perPrefillPairMs: floor.perPrefillPairMs / speed,
      perDecodeTokenMs: floor.perDecodeTokenMs / speed,
      perKvTokenMs: floor.perKvTokenMs / speed,
    })),
  };
}
