import { leastRequest } from '../baselines/least-request.ts';
import { nelderMead } from './nelder-mead.ts';
import { noPrefix, type TraceRequest } from '../trace/trace.ts';
import { RooflineStepModel, type EngineFit } from '../step/roofline-step-model.ts';
import { simulateFleet } from '../simulate-fleet.ts';
import { listedTrace } from '../trace/listed-trace.ts';
import type { ChipFacts } from '../../step-time/chip-facts.ts';
import type { ModelShape } from '../../step-time/model-shape.ts';
import type { RecordedRequest } from './recorded-run.ts';
import type { ReplicaShape } from '../replica/batching-replica.ts';
import type { StepModel } from '../step/step-model.ts';

/** The engine that was recorded, as far as its settings tell. */
export interface RecordedEngine {
  readonly chip: ChipFacts;
  readonly model: ModelShape;
  readonly shape: Omit<ReplicaShape, 'stepModel'>;
}

export interface TimedRequest {
  readonly ttftMs: number;
  readonly tpotMs: number;
  readonly totalMs: number;
}

/** Errors of a prediction. `ofMean`: how far the mean is off; `each`: the mean of how far each request is off, over the mean. */
export interface FidelityError {
  readonly ofMean: number;
  readonly each: number;
}

export interface Fidelity {
  readonly requests: number;
  readonly ttft: FidelityError;
  readonly tpot: FidelityError;
  readonly total: FidelityError;
}

/** Replays a recording's arrivals and lengths through one simulated engine. */
export function replayRecording(engine: RecordedEngine, stepModel: StepModel, run: readonly RecordedRequest[]): readonly TimedRequest[] {
  const timed: TimedRequest[] = run.map(() => ({ ttftMs: 0, tpotMs: 0, totalMs: 0 }));
  simulateFleet({
    fleet: {
      replicas: [
        {
          id: 'recorded',
          pool: 'recorded',
          vendor: 'recorded',
          chip: 'recorded',
          model: 'm',
          shape: { ...engine.shape, stepModel },
          maxWaiting: 1e6,
          price: undefined,
          readyAtMs: 0,
        },
      ],
      sloClasses: [],
    },
    trace: listedTrace(run.map(asTraceRequest)),
    router: leastRequest(),
    seed: 1,
    onOutcome: ({ arrival, ttftMs, tpotMs, totalMs }) => {
      timed[arrival.id] = { ttftMs, tpotMs, totalMs };
    },
  });
  return timed;
}

function asTraceRequest({ atMs, promptTokens, outputTokens }: RecordedRequest): TraceRequest {
  return { atMs, model: 'm', promptTokens, outputTokens, maxTokens: undefined, prefixHashes: noPrefix, prefixBlockTokens: 512, sloClass: 'none' };
}

/** Fits the four numbers of an engine to the recorded times of the first third of each run; no later time is looked at. */
export function fitEngine(engine: RecordedEngine, runs: readonly (readonly RecordedRequest[])[], evaluations: number): EngineFit {
  const measure = (point: readonly number[]): number => {
    const stepModel = new RooflineStepModel(engine.chip, engine.model, fitOf(point));
    const errors = runs.map((run) => {
      const fitted = fittedOf(run);
      const { ttft, tpot, total } = fidelityOf(fitted, replayRecording(engine, stepModel, run).slice(0, fitted.length));
      return ttft.each + tpot.each + total.each;
    });
    return errors.reduce((sum, error) => sum + error, 0);
  };
  // Logarithms keep every number above 0 without a bound.
  const start = [1.3, 1.2, 1.5, 0.01].map(Math.log);
  return fitOf(nelderMead(measure, start, [0.3, 0.3, 0.5, 1], evaluations).point);
}

/** The third of a recording that a fit may look at. */
export function fittedOf<Item>(run: readonly Item[]): readonly Item[] {
  return run.slice(0, Math.floor(run.length / 3));
}

function fitOf([compute = 0, memory = 0, overhead = 0, sequence = 0]: readonly number[]): EngineFit {
  return { computeFactor: Math.exp(compute), memoryFactor: Math.exp(memory), overheadMs: Math.exp(overhead), perSequenceMs: Math.exp(sequence) };
}

export function fidelityOf(recorded: readonly TimedRequest[], predicted: readonly TimedRequest[]): Fidelity {
  const error = (of: (request: TimedRequest) => number): FidelityError => {
    const truth = recorded.map(of);
    const found = predicted.map(of);
    const sum = truth.reduce((total, value) => total + value, 0);
    const foundSum = found.reduce((total, value) => total + value, 0);
    const off = truth.reduce((total, value, index) => total + Math.abs(value - (found[index] ?? 0)), 0);
    return { ofMean: (foundSum - sum) / sum, each: off / sum };
  };
  return {
    requests: recorded.length,
    ttft: error(({ ttftMs }) => ttftMs),
    tpot: error(({ tpotMs }) => tpotMs),
    total: error(({ totalMs }) => totalMs),
  };
}
