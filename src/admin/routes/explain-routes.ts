import { z } from 'zod';
import { answered, nothing, rawRoute, readRoute, refused } from '../control-route.ts';
import type { ControlRoute } from '../control-route.ts';

const evidence = z.union([
  z.strictObject({ kind: z.literal('measured'), answers: z.number() }),
  z.strictObject({ kind: z.literal('prior'), from: z.string() }),
]);

const expectedSchema = z.strictObject({
  endpointId: z.string(),
  deploymentId: z.string(),
  chosen: z.boolean(),
  why: z.string().optional(),
  ttftMs: z.number(),
  tpotMs: z.number(),
  totalMs: z.number(),
  ttftEvidence: evidence,
  tpotEvidence: evidence,
  cachedTokens: z.number(),
  outputTokens: z.number(),
  usd: z.number().optional(),
  shareUsd: z.number(),
  admitted: z.boolean(),
  late: z.number(),
  harm: z.number(),
  cost: z.number(),
  running: z.number(),
});

const explainedSchema = z.strictObject({
  requestId: z.string(),
  atWallMs: z.number(),
  choices: z
    .array(
      z.strictObject({
        model: z.string(),
        outcome: z.string(),
        candidates: z
          .array(
            z.strictObject({
              endpointId: z.string(),
              deploymentId: z.string(),
              silicon: z.strictObject({ vendor: z.string(), chip: z.string(), evidence: z.string() }).loose(),
              verdict: z.enum(['chosen', 'passed-over', 'left-out']),
              why: z.string(),
              expected: expectedSchema.loose().optional(),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
});

const dryRun = rawRoute(
  {
    method: 'POST',
    path: '/control/v1/explain',
    role: 'operator',
    summary: 'Says where a chat request would go now, and the fate of every candidate, without sending it. The header `x-second-source-slo` counts.',
  },
  'application/json',
  (context, request, response) => context.gateway.explain(request, response),
);

const kept = readRoute(
  {
    method: 'GET',
    path: '/control/v1/explain/{request}',
    role: 'viewer',
    summary: 'Says why a request went where it went that asked for it by `x-second-source-explain: 1`; the latest 256 are kept.',
  },
  { query: nothing, answer: explainedSchema },
  async ({ gateway }, { params }) => {
    const explained = await gateway.explained(params['request'] ?? '');
    return explained === undefined
      ? refused('no_such_entry', 'No request of this id asked to be explained, or it is too long ago.')
      : answered(explainedSchema.parse(explained));
  },
);

export const explainRoutes: readonly ControlRoute[] = [dryRun, kept];
