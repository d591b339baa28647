import type { Random } from '../std/random.ts';
import type { StepModel } from './step/step-model.ts';

/** What can be expected of a replica's steps before any traffic, from its data sheet and what engines usually make of one. */
export interface StepPrior {
  readonly perPrefillTokenMs: number;
  readonly perStepMs: number;
  readonly perSequenceMs: number;
  readonly perKvTokenMs: number;
}

/** The prior that a step model's floors amount to: prompts by the dearest, decoding by the floor of the longest empty step. */
export function stepPriorOf({ floors }: StepModel): StepPrior {
  const decode = floors.reduce<StepModel['floors'][number] | undefined>(
    (longest, floor) => (longest !== undefined && longest.perStepMs >= floor.perStepMs ? longest : floor),
    undefined,
  );
  return {
    perPrefillTokenMs: Math.max(0, ...floors.map(({ perPrefillTokenMs }) => perPrefillTokenMs)),
    perStepMs: decode?.perStepMs ?? 0,
    perSequenceMs: decode?.perDecodeTokenMs ?? 0,
    perKvTokenMs: decode?.perKvTokenMs ?? 0,
  };
}

/**
 * The priors of replicas as wrong as they may be: prompts and decoding of each pool by a factor each, drawn between
 * 1/`most` and `most` evenly in its logarithm. Replicas of a pool are wrong alike, as a data sheet is.
 */
export function wrongPriors(
  replicas: readonly { readonly pool: string; readonly prior?: StepPrior | undefined }[],
  most: number,
  random: Random,
): readonly (StepPrior | undefined)[] {
  const draw = (): number => most ** (2 * random() - 1);
  const factors = new Map<string, { readonly prefill: number; readonly decode: number }>();
  for (const { pool } of replicas) if (!factors.has(pool)) factors.set(pool, { prefill: draw(), decode: draw() });
  return replicas.map(({ pool, prior }) => {
    const { prefill = 1, decode = 1 } = factors.get(pool) ?? {};
    return prior === undefined
      ? undefined
      : {
          perPrefillTokenMs: prior.perPrefillTokenMs * prefill,
          perStepMs: prior.perStepMs * decode,
          perSequenceMs: prior.perSequenceMs * decode,
          perKvTokenMs: prior.perKvTokenMs * decode,
        };
  });
}
