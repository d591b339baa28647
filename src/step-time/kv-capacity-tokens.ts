import type { ChipFacts } from './chip-facts.ts';
import { weightBytes, type ModelShape } from './model-shape.ts';

/** The part of the memory that engines leave for keys and values and weights (vLLM's `gpu_memory_utilization` default). */
export const usableMemoryShare = 0.9;

/** How many tokens' keys and values fit beside the weights: 0 where the weights alone do not fit. */
export function kvCapacityTokens(chip: ChipFacts, model: ModelShape): number {
  const free = chip.memoryGb * 1e9 * usableMemoryShare - weightBytes(model);
  return free <= 0 ? 0 : Math.floor(free / model.kvBytesPerToken);
}
