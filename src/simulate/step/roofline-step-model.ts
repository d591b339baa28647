import { computeRooflineMs, memoryRooflineMs } from '../../step-time/step-time-ms.ts';
import type { ChipFacts } from '../../step-time/chip-facts.ts';
import type { ModelShape } from '../../step-time/model-shape.ts';
import type { DecodeLine, StepFloor, StepModel, StepWork } from './step-model.ts';

/**
 * What separates a real engine from the rooflines. Two factors, since engines reach another part of their arithmetic
 * than of their bandwidth; with both equal it is the fit of `step-time/`.
 */
export interface EngineFit {
  readonly computeFactor: number;
  readonly memoryFactor: number;
  /** Scheduling and launches of each step. */
  readonly overheadMs: number;
  /** Sampling and bookkeeping of each sequence that gets a token. */
  readonly perSequenceMs: number;
}

/** Probe far enough that the slope is not lost in the base's rounding. */
const probeTokens = 1_000_000;

/** The two lines of pure decode steps of one number of sequences, and where they cross. */
interface DecodeLines {
  readonly computeMs: number;
  readonly computeSlope: number;
  readonly memoryMs: number;
  readonly memorySlope: number;
}

/**
 * max(compute roofline · its factor, memory roofline · its factor) + overhead, by the equations of `step-time/`.
 * Pure decode is the higher of two lines in the resident tokens, so steps can be summed in closed form.
 */
export class RooflineStepModel implements StepModel {
  readonly floors: readonly StepFloor[];
  readonly #chip: ChipFacts;
  readonly #model: ModelShape;
  readonly #fit: EngineFit;
  readonly #lines: DecodeLines[] = [];
  readonly #load = { prefillTokens: 0, decodeSequences: 0, residentKvTokens: 0 };

  constructor(chip: ChipFacts, model: ModelShape, fit: EngineFit) {
    if (!(chip.memoryBandwidthTbPerS > 0 && chip.denseTflops > 0)) throw new RangeError('A chip has bandwidth and arithmetic above 0.');
    if (!(fit.computeFactor > 0 && fit.memoryFactor > 0 && fit.overheadMs >= 0 && fit.perSequenceMs >= 0))
      throw new RangeError(`A fit has factors above 0 and no negative overhead: ${JSON.stringify(fit)}.`);
    this.#chip = chip;
    this.#model = model;
    this.#fit = fit;
    this.floors = [this.#computeFloor(), this.#memoryFloor()];
  }

  stepMs(work: StepWork): number {
    const load = this.#load;
    load.prefillTokens = work.prefillTokens;
    load.decodeSequences = work.decodeSequences;
    // The roofline counts half of the square as a prompt's pairs; a chunk has others, which stand beside the decodes'.
    load.residentKvTokens = work.residentKvTokens + work.prefillPairs - (work.prefillTokens * work.prefillTokens) / 2;
    const compute = computeRooflineMs(this.#chip, this.#model, load) * this.#fit.computeFactor;
    load.residentKvTokens = work.residentKvTokens + work.prefillContextTokens;
    const memory = memoryRooflineMs(this.#chip, this.#model, load) * this.#fit.memoryFactor;
    return Math.max(compute, memory) + this.#fit.overheadMs + this.#fit.perSequenceMs * work.decodeSequences;
  }

  decodeLine(sequences: number, residentKvTokens: number, line: DecodeLine): void {
    const { computeMs, computeSlope, memoryMs, memorySlope } = this.#linesOf(sequences);
    const overheadMs = this.#fit.overheadMs + this.#fit.perSequenceMs * sequences;
    const isCompute = computeMs + computeSlope * residentKvTokens > memoryMs + memorySlope * residentKvTokens;
    const crossing = (memoryMs - computeMs) / (computeSlope - memorySlope);
    line.baseMs = (isCompute ? computeMs : memoryMs) + overheadMs;
    line.perKvTokenMs = isCompute ? computeSlope : memorySlope;
    line.untilKvTokens = crossing > residentKvTokens ? crossing : Infinity;
  }

  #linesOf(sequences: number): DecodeLines {
    // Filled from the front, so that the array stays a plain one.
    for (let count = this.#lines.length; count <= sequences; count += 1) this.#lines.push(this.#decodeLines(count));
    return this.#lines[sequences] ?? this.#decodeLines(sequences);
  }

  #decodeLines(decodeSequences: number): DecodeLines {
    const at = (residentKvTokens: number): { prefillTokens: number; decodeSequences: number; residentKvTokens: number } => ({
      prefillTokens: 0,
      decodeSequences,
      residentKvTokens,
    });
    const compute = (tokens: number): number => computeRooflineMs(this.#chip, this.#model, at(tokens)) * this.#fit.computeFactor;
    const memory = (tokens: number): number => memoryRooflineMs(this.#chip, this.#model, at(tokens)) * this.#fit.memoryFactor;
    return {
      computeMs: compute(0),
      computeSlope: (compute(probeTokens) - compute(0)) / probeTokens,
      memoryMs: memory(0),
      memorySlope: (memory(probeTokens) - memory(0)) / probeTokens,
    };
  }

  #computeFloor(): StepFloor {
    const perMs = this.#fit.computeFactor / (this.#chip.denseTflops * 1e9);
    const pairMs = 4 * this.#model.layers * this.#model.attentionWidth * perMs;
    return {
      perStepMs: this.#fit.overheadMs,
      perPrefillTokenMs: 2 * this.#model.activeParameters * perMs,
      perPrefillPairMs: pairMs,
      perDecodeTokenMs: 2 * this.#model.activeParameters * perMs + this.#fit.perSequenceMs,
      perKvTokenMs: pairMs,
    };
  }

  /** Of a mixture of experts a step reads at least what one token activates. */
  #memoryFloor(): StepFloor {
    const perMs = this.#fit.memoryFactor / (this.#chip.memoryBandwidthTbPerS * 1e9);
    const kvMs = this.#model.kvBytesPerToken * perMs;
    const weights = Math.min(this.#model.parameters, this.#model.activeParameters) * this.#model.bytesPerParameter;
    return {
      perStepMs: this.#fit.overheadMs + weights * perMs,
      perPrefillTokenMs: kvMs,
      perPrefillPairMs: 0,
      perDecodeTokenMs: kvMs + this.#fit.perSequenceMs,
      perKvTokenMs: kvMs,
    };
  }
}
