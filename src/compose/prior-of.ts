import { groupOfChips, type ChipFacts as RooflineChip } from '../step-time/chip-facts.ts';
import { kvCapacityTokens } from '../step-time/kv-capacity-tokens.ts';
import { noPrior, type Prior } from '../policy/predict/prior.ts';
import { stepTimeMs } from '../step-time/step-time-ms.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { ChipFacts } from '../fleet/chips/chip-facts.ts';
import type { ModelShape } from '../step-time/model-shape.ts';
import type { ModelSize, PublishedSpeed } from '../fleet/deployment.ts';

export type ChipOf = (name: string) => ChipFacts | undefined;

/**
 * What is believed of a deployment before it has answered anything: what its vendor publishes, else the roofline of its
 * chip for a model of its size, else nothing. A stored profile comes before these, where there is one
 * (`PredictiveChoice.restore`).
 */
export function priorOf({ endpoint, deployment }: Candidate, chipOf: ChipOf): Prior {
  const { published, size, quantization } = deployment;
  if (published !== undefined) return ofPublished(published);
  const facts = size === undefined || endpoint.silicon.evidence === 'emulated' ? undefined : chipOf(endpoint.silicon.chip);
  return size === undefined || facts === undefined ? noPrior : ofRoofline(facts, size, quantization);
}

function ofPublished({ ttftMs, promptTokensPerSecond, tokensPerSecond }: PublishedSpeed): Prior {
  return {
    from: 'published',
    firstTokenMs: ttftMs,
    perPromptTokenMs: promptTokensPerSecond && 1000 / promptTokensPerSecond,
    stepMs: tokensPerSecond && 1000 / tokensPerSecond,
  };
}

/** Bits of a parameter, by OpenRouter's names of quantizations. */
const bits: Readonly<Record<string, number>> = { int4: 4, fp4: 4, fp6: 6, int8: 8, fp8: 8, fp16: 16, bf16: 16, fp32: 32 };
const usualBits = 16;
/** Where the difference of two steps tells what one more sequence or prompt token costs. */
const manySequences = 65;
const promptTokens = 2048;

function ofRoofline(facts: ChipFacts, { parametersB, activeParametersB = parametersB, kvBytesPerToken, chips }: ModelSize, quantization = ''): Prior {
  const parameterBits = bits[quantization] ?? usualBits;
  const one = rooflineChip(facts, parameterBits);
  if (one === undefined) return noPrior;
  const chip = groupOfChips(one, chips);
  const model: ModelShape = {
    parameters: parametersB * 1e9,
    activeParameters: activeParametersB * 1e9,
    bytesPerParameter: parameterBits / 8,
    kvBytesPerToken: kvBytesPerToken ?? 0,
    // Attention over long prompts is left out: what it needs is not asked for.
    layers: 0,
    attentionWidth: 0,
  };
  const step = (prefillTokens: number, decodeSequences: number, residentKvTokens = 0): number =>
    stepTimeMs(chip, model, { prefillTokens, decodeSequences, residentKvTokens });
  const kvTokens = kvBytesPerToken === undefined || facts.memoryGb === undefined ? 0 : kvCapacityTokens(chip, model);
  return {
    from: 'roofline',
    firstTokenMs: step(1, 0),
    perPromptTokenMs: step(promptTokens, 0) / promptTokens,
    stepMs: step(0, 1),
    perSequenceMs: (step(0, manySequences) - step(0, 1)) / (manySequences - 1) || undefined,
    perKvTokenMs: kvBytesPerToken && kvBytesPerToken / (chip.memoryBandwidthTbPerS * 1e9),
    kvTokens: kvTokens === 0 ? undefined : kvTokens,
  };
}

/** The chip at the precision in which the model computes; undefined where bandwidth or arithmetic are not known. */
function rooflineChip({ memoryTbPerSecond, memoryGb, bf16Tflops, fp8Tflops, fp4Tflops }: ChipFacts, parameterBits: number): RooflineChip | undefined {
  const narrow = parameterBits <= 4 ? (fp4Tflops ?? fp8Tflops) : parameterBits <= 8 ? fp8Tflops : undefined;
  const denseTflops = narrow ?? bf16Tflops ?? fp8Tflops;
  if (memoryTbPerSecond === undefined || denseTflops === undefined) return undefined;
  return { memoryBandwidthTbPerS: memoryTbPerSecond, denseTflops, memoryGb: memoryGb ?? 0 };
}
