import { z } from 'zod';

/** What the control API answers, read as strictly as the CLI needs. */
export const dependenceAnswer = z.object({
  asOfWallMs: z.number(),
  windowMs: z.number(),
  sentence: z.string(),
  shares: z.array(
    z.object({
      vendor: z.string(),
      controlGroup: z.string(),
      share: z.number(),
      tokens: z.number(),
      requests: z.number(),
      usd: z.number().optional(),
      evidence: z.record(z.string(), z.number()),
    }),
  ),
  emulatedTokens: z.number(),
  concentration: z.object({ vendor: z.number().optional(), controlGroup: z.number().optional() }),
  caps: z.array(
    z.object({
      group: z.object({ by: z.string(), name: z.string() }),
      measure: z.string(),
      kind: z.string(),
      most: z.number(),
      windowMs: z.number(),
      share: z.number(),
      state: z.string(),
      displaced: z.object({
        requests: z.number(),
        tokens: z.number(),
        extraUsd: z.number().optional(),
        extraTtftMs: z.number().optional(),
      }),
    }),
  ),
  overTime: z.object({
    bucketMs: z.number(),
    points: z.array(z.object({ atWallMs: z.number(), tokens: z.record(z.string(), z.number()) })),
  }),
  outages: z.array(
    z.object({
      model: z.string(),
      sloClass: z.string(),
      lost: z.object({ by: z.string(), name: z.string() }),
      atLeast: z.number(),
      peakTokensPerSecond: z.number(),
      leftOut: z.array(z.object({ endpointId: z.string(), why: z.string() })),
    }),
  ),
  withoutSecondSource: z.array(z.string()),
});

export type DependenceAnswer = z.infer<typeof dependenceAnswer>;
