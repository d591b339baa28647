import { z } from 'zod';
import { answered, readRoute, refused, type ControlRoute } from '../control-route.ts';

const groupKinds = ['vendor', 'controlGroup', 'chip', 'endpoint'] as const;
const groupSchema = z.strictObject({ by: z.enum(groupKinds), name: z.string() });
const longestDays = 90;

const reportSchema = z.strictObject({
  asOfWallMs: z.number(),
  windowMs: z.number(),
  sentence: z.string().describe('How dependent it is, and what would happen without the largest vendor.'),
  shares: z
    .array(
      z.strictObject({
        vendor: z.string(),
        controlGroup: z.string(),
        share: z.number(),
        tokens: z.number(),
        requests: z.number(),
        usd: z.number().optional(),
        evidence: z.record(z.string(), z.number()).readonly(),
      }),
    )
    .readonly(),
  emulatedTokens: z.number().describe('Apart: emulated tokens are no vendor’s.'),
  concentration: z
    .strictObject({ vendor: z.number().optional(), controlGroup: z.number().optional() })
    .readonly()
    .describe('Herfindahl–Hirschman index; 1 means one.'),
  caps: z
    .array(
      z.strictObject({
        group: groupSchema.readonly(),
        measure: z.enum(['tokens', 'requests', 'usd']),
        kind: z.enum(['hard', 'soft']),
        most: z.number(),
        windowMs: z.number(),
        share: z.number(),
        state: z.enum(['below-minimum', 'room', 'near', 'binding', 'yielding']),
        displaced: z
          .strictObject({ requests: z.number(), tokens: z.number(), extraUsd: z.number().optional(), extraTtftMs: z.number().optional() })
          .readonly(),
      }),
    )
    .readonly(),
  overTime: z
    .strictObject({
      bucketMs: z.number(),
      points: z.array(z.strictObject({ atWallMs: z.number(), tokens: z.record(z.string(), z.number()).readonly() }).readonly()).readonly(),
    })
    .readonly(),
  outages: z
    .array(
      z.strictObject({
        model: z.string(),
        sloClass: z.string(),
        lost: z.strictObject({ by: z.enum([...groupKinds, 'failureDomain']), name: z.string() }).readonly(),
        atLeast: z.number().describe('A lower bound on the part of the peak load that the rest could serve within its SLO.'),
        peakTokensPerSecond: z.number(),
        leftOut: z.array(z.strictObject({ endpointId: z.string(), why: z.string() }).readonly()).readonly(),
      }),
    )
    .readonly(),
  withoutSecondSource: z.array(z.string()).readonly(),
});

const dependence = readRoute(
  {
    method: 'GET',
    path: '/control/v1/dependence',
    role: 'viewer',
    summary: 'How much depends on whom, and what would happen without each vendor.',
  },
  {
    query: z.strictObject({
      window: z
        .string()
        .regex(/^\d{1,4}[hd]$/, 'hours or days, such as 24h or 7d')
        .default('24h')
        .describe(`How far back to look, in hours or days: 24h, 7d; ${longestDays} days at most.`),
    }),
    answer: reportSchema,
  },
  async ({ dependence: desk }, _call, { window }) => {
    if (desk === undefined) return refused('not_found', 'This gateway keeps no ledger that could be read here.');
    const hours = Number(window.slice(0, -1)) * (window.endsWith('d') ? 24 : 1);
    if (hours < 1 || hours > longestDays * 24) return refused('invalid_request', `\`window\` is from 1h to ${longestDays}d.`, { param: 'window' });
    return answered(await desk.report(hours * 3_600_000));
  },
);

export const dependenceRoutes: readonly ControlRoute[] = [dependence];
