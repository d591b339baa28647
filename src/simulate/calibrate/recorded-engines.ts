import type { ModelShape } from '../../step-time/model-shape.ts';
import type { RecordedEngine } from './fidelity.ts';

/** Llama 3.1 8B as its published configuration describes it, in 16 bit: what all recordings ran, and samples do. */
export const llama8b: ModelShape = {
  parameters: 8.03e9,
  activeParameters: 8.03e9,
  bytesPerParameter: 2,
  kvBytesPerToken: 131_072,
  layers: 32,
  attentionWidth: 4096,
};

const vllm = { blockTokens: 16, prefixBlockTokens: 512, cachesPrefixes: false, maxBatchTokens: 2048, reservesWholePrompt: true } as const;

/**
 * The two vLLM 0.19 runs of LLMServingSim (casys-kaist/LLMServingSim@5daddb2, MIT): bandwidth from its config.json,
 * scheduler settings and KV blocks from its meta.json. The arithmetic of the chips is nominal, since a factor is fitted
 * to it; the larger card's KV blocks are not recorded and follow from its memory, of which 128 sequences fill little.
 */
export const recordedEngines = {
  rtx4090: {
    chip: { memoryBandwidthTbPerS: 1.008, denseTflops: 165, memoryGb: 24 },
    model: llama8b,
    shape: { ...vllm, capacityBlocks: 2588, maxSequences: 256 },
  },
  rtxpro6000: {
    chip: { memoryBandwidthTbPerS: 1.597, denseTflops: 504, memoryGb: 96 },
    model: llama8b,
    shape: { ...vllm, capacityBlocks: 33_530, maxSequences: 128 },
  },
} as const satisfies Record<string, RecordedEngine>;
