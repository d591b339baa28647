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

const billSum = z.object({ inputTokens: z.number(), cachedInputTokens: z.number(), outputTokens: z.number(), usd: z.number().optional() });

const reconciled = z.object({
  lines: z.number(),
  days: z.object({ first: z.string(), last: z.string() }).optional(),
  sums: z.array(
    z.object({
      day: z.string(),
      model: z.string(),
      keyId: z.string(),
      verdict: z.string(),
      vendor: billSum.optional(),
      ledger: billSum.optional(),
      unsettled: z.number(),
    }),
  ),
  requests: z
    .object({
      matched: z.number(),
      settled: z.number(),
      differing: z.number(),
      missing: z.number(),
      running: z.number(),
      odd: z.array(z.object({ requestId: z.string(), state: z.string().optional(), vendor: billSum, ledger: billSum.optional() })),
    })
    .optional(),
  matches: z.boolean(),
});

export type ReconcileAnswer = z.infer<typeof reconciled>;

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
  reconciled,
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
