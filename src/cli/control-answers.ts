import { z } from 'zod';

const endpointStatusSchema = z.object({
  id: z.string(),
  vendor: z.string(),
  chip: z.string(),
  evidence: z.string(),
  models: z.array(z.string()),
  state: z.string(),
  avoided: z.object({ why: z.string(), untilWallMs: z.number() }).nullish(),
  running: z.number(),
  failureDomains: z.array(z.string()),
  processor: z.string(),
  address: z.string(),
  lastFault: z.object({ atWallMs: z.number(), what: z.string() }).nullable(),
  note: z.string().nullish(),
});

export type EndpointStatusAnswer = z.infer<typeof endpointStatusSchema>;

/** What the control API answers: read here as strictly as the CLI needs, so that a newer gateway may say more. */
export const controlAnswers = {
  status: z.object({
    version: z.string(),
    startedAtWallMs: z.number(),
    uptimeMs: z.number(),
    endpoints: z.array(endpointStatusSchema),
    models: z.array(z.string()),
  }),
  endpoints: z.object({ endpoints: z.array(endpointStatusSchema) }),
  changed: z.object({ version: z.number(), needsRestart: z.array(z.string()) }),
  plugged: z.object({ id: z.string(), state: z.string() }),
  usage: z.object({
    rows: z.array(
      z.object({
        key: z.string(),
        requests: z.number(),
        attempts: z.number(),
        inputTokens: z.number(),
        outputTokens: z.number(),
        usd: z.number(),
        unpricedRequests: z.number(),
        lostUsd: z.number().default(0),
      }),
    ),
    openAttempts: z.number(),
    unknownAttempts: z.number(),
  }),
} as const;
