import { bucketDemand, type Demand, type DemandBucket } from './demand-buckets.ts';
import { poolCapacity } from './pool-capacity.ts';
import type { Fault } from '../fault/fault.ts';
import type { FleetSpec, ReplicaSpec } from '../fleet-spec.ts';
import type { LinearProgramme, LinearSolver } from './linear-programme.ts';
import type { StepFloor } from '../step/step-model.ts';
import type { TraceRequest } from '../trace/trace.ts';

export interface FluidBound {
  /** No router can have more good requests than that. */
  readonly good: number;
  readonly goodput: number;
  /** Of the good ones, by pool: what the best split looks like. */
  readonly byPool: ReadonlyMap<string, number>;
}

export interface BoundOptions {
  readonly fleet: FleetSpec;
  readonly requests: readonly TraceRequest[];
  readonly faults?: readonly Fault[];
  readonly solver: LinearSolver;
}

interface Pool {
  readonly name: string;
  readonly replicas: readonly ReplicaSpec[];
  readonly spec: ReplicaSpec;
}

/** A stretch of time with the buckets that can only be good if their prompts are computed within it. */
interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly buckets: readonly number[];
}

/** Of a bucket in a stretch: only its prompts, where its answers may be finished later. */
type Counted = DemandBucket & { readonly decodes: number };

const windows = 8;

/**
 * The clairvoyant fluid bound: a linear programme that knows all lengths, has ideal prefix hits, splits requests at
 * will and lets every replica's time be used to the last millisecond. What it leaves out only makes it higher; each of
 * its rows holds for every run of the simulator (docs/decisions/0013-simulator.md has the proof), so no router beats it.
 */
export function fluidBound({ fleet, requests, faults = [], solver }: BoundOptions): FluidBound {
  const demand = bucketDemand(requests, fleet.sloClasses, windows);
  const pools = poolsOf(fleet);
  const stretches = stretchesOf(demand);
  const x = (bucket: number, pool: number): number => bucket * pools.length + pool;
  const steps = (stretch: number, pool: number): number => (demand.buckets.length + stretch) * pools.length + pool;
  const size = (demand.buckets.length + stretches.length) * pools.length;
  const gain = new Float64Array(size);
  const most = new Float64Array(size).fill(Infinity);
  for (const [bucket, { count }] of demand.buckets.entries())
    for (const [pool, { spec }] of pools.entries()) {
      gain[x(bucket, pool)] = 1;
      most[x(bucket, pool)] = canBeGood(demand.buckets[bucket], spec) ? count : 0;
    }
  const rows: LinearProgramme['rows'][number][] = demand.buckets.map(({ count }, bucket) => ({
    columns: pools.map((_, pool) => x(bucket, pool)),
    values: pools.map(() => 1),
    limit: count,
  }));
  for (const [stretch, { fromMs, toMs, buckets }] of stretches.entries())
    for (const [pool, { replicas, spec }] of pools.entries()) {
      const counted = buckets.map((index): Counted => {
        const bucket = demand.buckets[index] ?? nothing;
        return { ...bucket, decodes: bucket.deadlineMs <= toMs ? bucket.outputTokens - 1 : 0 };
      });
      const row = (of: (bucket: Counted) => number, perStep: number, limit: number): void => {
        const columns = buckets.map((bucket) => x(bucket, pool));
        const values = counted.map(of);
        rows.push({ columns: [...columns, steps(stretch, pool)], values: [...values, perStep], limit });
      };
      const { shape } = spec;
      const timeMs = poolCapacity(replicas, faults, fromMs, toMs);
      const strictestMs = Math.max(...buckets.map((bucket) => demand.buckets[bucket]?.slo.tpotMs ?? Infinity));
      for (const floor of shape.stepModel.floors) {
        row((bucket) => workMs(bucket, floor), floor.perStepMs, timeMs);
        // Who must keep its TPOT sees few others in its steps: Cauchy and Schwarz, weighted by what each adds to a step.
        if (strictestMs < Infinity && strictestMs > floor.perStepMs)
          row((bucket) => bucket.decodes * (floor.perDecodeTokenMs + floor.perKvTokenMs * bucket.promptTokens), floor.perStepMs - strictestMs, 0);
      }
      row((bucket) => bucket.decodes, -shape.maxSequences, 0);
      row((bucket) => bucket.freshTokens + bucket.decodes, -shape.maxBatchTokens, 0);
      row((bucket) => bucket.privateTokens * bucket.decodes, -shape.capacityBlocks * shape.blockTokens, 0);
    }
  const { value, x: solution } = solver.solve({ gain, most, rows });
  const byPool = new Map(pools.map(({ name }, pool) => [name, demand.buckets.reduce((sum, _, bucket) => sum + (solution[x(bucket, pool)] ?? 0), 0)]));
  return { good: value, goodput: requests.length === 0 ? 0 : value / requests.length, byPool };
}

const nothing: DemandBucket = {
  window: 0,
  slo: { name: '', ttftMs: 0, tpotMs: 0 },
  count: 0,
  freshTokens: 0,
  promptTokens: 0,
  outputTokens: 1,
  prefillPairs: 0,
  privateTokens: 0,
  firstDeadlineMs: 0,
  deadlineMs: 0,
};

/** The least time that one request takes from a replica within a stretch, apart from what each step costs. */
function workMs(bucket: Counted, floor: StepFloor): number {
  const steps = bucket.decodes;
  const kvReads = steps * bucket.promptTokens + (steps * (steps - 1)) / 2;
  return (
    floor.perPrefillTokenMs * bucket.freshTokens +
    floor.perPrefillPairMs * bucket.prefillPairs +
    floor.perDecodeTokenMs * steps +
    floor.perKvTokenMs * kvReads
  );
}

/** Whether an idle replica of that kind could keep the SLO at all. */
function canBeGood(bucket: DemandBucket | undefined, { shape }: ReplicaSpec): boolean {
  if (bucket === undefined) return false;
  const prefillSteps = Math.ceil(bucket.freshTokens / shape.maxBatchTokens);
  return shape.stepModel.floors.every((floor) => {
    const prefillMs = prefillSteps * floor.perStepMs + floor.perPrefillTokenMs * bucket.freshTokens + floor.perPrefillPairMs * bucket.prefillPairs;
    const decodeMs = floor.perStepMs + floor.perDecodeTokenMs + floor.perKvTokenMs * bucket.promptTokens;
    return prefillMs <= bucket.slo.ttftMs && (bucket.outputTokens < 2 || decodeMs <= bucket.slo.tpotMs);
  });
}

function poolsOf({ replicas }: FleetSpec): readonly Pool[] {
  const byName = new Map<string, ReplicaSpec[]>();
  for (const spec of replicas) byName.set(spec.pool, [...(byName.get(spec.pool) ?? []), spec]);
  return [...byName].flatMap(([name, members]) => {
    const [spec] = members;
    return spec === undefined ? [] : [{ name, replicas: members, spec }];
  });
}

/** The whole run, its halves, quarters and so on: each to the last first token, and to when four in five and all of it are whole. */
function stretchesOf({ buckets, windowMs, windows: count }: Demand): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (let length = count; length >= 1; length /= 2)
    for (let first = 0; first + length <= count; first += length) {
      const within = [...buckets.keys()].filter((index) => {
        const window = buckets[index]?.window ?? -1;
        return window >= first && window < first + length;
      });
      const firsts = within.map((index) => buckets[index]?.firstDeadlineMs ?? 0);
      const wholes = within.map((index) => buckets[index]?.deadlineMs ?? 0).toSorted((a, b) => a - b);
      const ends = [Math.max(...firsts), ...[0.8, 1].map((part) => wholes[Math.min(wholes.length - 1, Math.floor(part * wholes.length))] ?? 0)];
      for (const toMs of new Set(ends))
        if (within.length > 0 && toMs < Infinity)
          stretches.push({
            fromMs: first * windowMs,
            toMs,
            buckets: within.filter((index) => (buckets[index]?.firstDeadlineMs ?? Infinity) <= toMs),
          });
    }
  return stretches;
}
