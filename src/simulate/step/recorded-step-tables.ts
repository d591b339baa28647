import type { StepTable } from './table-step-model.ts';

/**
 * What steps took in the two recorded vLLM runs of LLMServingSim (casys-kaist/LLMServingSim@5daddb2, MIT), worked out
 * of their gauges by `calibrate/step-table-of.ts`; a test holds these figures to it.
 */
export const recordedStepTables = {
  rtx4090: {
    sequences: [2, 4, 9, 16, 23, 33, 42],
    decodeMs: [12.74, 12.74, 17.98, 20, 23.02, 25.57, 26.05],
    perPrefillTokenMs: 0.1037,
    perKvTokenMs: 0,
  },
  rtxpro6000: {
    sequences: [1, 3, 11, 13, 23, 34, 53, 85, 128],
    decodeMs: [11.49, 11.49, 11.97, 11.97, 14.22, 17.73, 20.72, 23.27, 27],
    perPrefillTokenMs: 0.05992,
    perKvTokenMs: 0,
  },
} as const satisfies Record<string, StepTable>;
