import type { ChipFacts } from './chip-facts.ts';
import { weightBytes, type ModelShape } from './model-shape.ts';

/** The work of one step of continuous batching. */
export interface StepLoad {
  /** Prompt tokens computed in this step (uncached ones only). */
  readonly prefillTokens: number;
  /** Sequences that each produce one token in this step. */
  readonly decodeSequences: number;
  /** Tokens whose keys and values the decoding sequences read, summed over them. */
  readonly residentKvTokens: number;
}

/** What separates a real engine from the roofline: found by fitting measurements, or assumed and labelled so. */
export interface StepFit {
  /** At least 1: the roofline is a lower bound, and engines reach a part of it. */
  readonly factor: number;
  /** Scheduling, launches and communication of each step, in milliseconds. */
  readonly overheadMs: number;
}

export const rooflineFit: StepFit = { factor: 1, overheadMs: 0 };

/** One terabyte a second is 10^9 bytes a millisecond, and one teraFLOP/s is 10^9 operations a millisecond. */
const perMsOfTera = 1e9;

/**
 * Milliseconds of pure arithmetic: two operations a weight and token, plus attention (4 × layers × width for each
 * pair of tokens, of which a causal prompt has half). The prompt tokens count as one prompt, so for several short
 * prompts in one step this is slightly too much.
 */
export function computeRooflineMs(chip: ChipFacts, model: ModelShape, load: StepLoad): number {
  const tokens = load.prefillTokens + load.decodeSequences;
  const pairs = load.residentKvTokens + (load.prefillTokens * load.prefillTokens) / 2;
  const operations = 2 * model.activeParameters * tokens + 4 * model.layers * model.attentionWidth * pairs;
  return operations / (chip.denseTflops * perMsOfTera);
}

/**
 * Milliseconds of pure memory traffic: the weights once a step, the resident keys and values once, the new ones
 * written. Of a mixture of experts no more weights are read than the step's tokens can activate, counted without
 * overlap, hence an upper bound between the two extremes.
 */
export function memoryRooflineMs(chip: ChipFacts, model: ModelShape, load: StepLoad): number {
  const tokens = load.prefillTokens + load.decodeSequences;
  const weights = Math.min(weightBytes(model), model.activeParameters * tokens * model.bytesPerParameter);
  const keysAndValues = model.kvBytesPerToken * (load.residentKvTokens + tokens);
  return (weights + keysAndValues) / (chip.memoryBandwidthTbPerS * perMsOfTera);
}

/**
 * Milliseconds that one batch step takes: max(compute roofline, memory roofline) · factor + overhead (DESIGN §6).
 * A step with nothing to compute is not run and takes 0. Throws a RangeError for a negative or unbounded load, a chip
 * without bandwidth or arithmetic, or a fit that claims to beat the roofline.
 */
export function stepTimeMs(chip: ChipFacts, model: ModelShape, load: StepLoad, fit: StepFit = rooflineFit): number {
  requirePhysical(chip, load, fit);
  if (load.prefillTokens + load.decodeSequences === 0) return 0;
  return Math.max(computeRooflineMs(chip, model, load), memoryRooflineMs(chip, model, load)) * fit.factor + fit.overheadMs;
}

function requirePhysical(chip: ChipFacts, load: StepLoad, fit: StepFit): void {
  const loads = [load.prefillTokens, load.decodeSequences, load.residentKvTokens, fit.overheadMs];
  if (!loads.every((value) => Number.isFinite(value) && value >= 0)) throw new RangeError(`A load is finite and not negative: ${loads.join(', ')}.`);
  if (!(chip.memoryBandwidthTbPerS > 0 && chip.denseTflops > 0)) throw new RangeError('A chip has bandwidth and arithmetic above 0.');
  if (!(fit.factor >= 1)) throw new RangeError(`A fitted factor is at least 1, not ${fit.factor}.`);
}
