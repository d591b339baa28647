import { z } from 'zod';
import { answered, changeRoute, nothing, readRoute, refused, type ControlRoute } from '../control-route.ts';
import type { EndpointSwitch } from '../controlled-gateway.ts';
import { toUsageQuery, usageQuerySchema } from '../read-usage-query.ts';

const endpointSchema = z.strictObject({
  id: z.string(),
  vendor: z.string(),
  chip: z.string(),
  evidence: z.string(),
  models: z.array(z.string()).readonly(),
  state: z.string(),
  avoided: z.strictObject({ why: z.string(), untilWallMs: z.number() }).readonly().nullable(),
  running: z.number(),
  failureDomains: z.array(z.string()).readonly(),
  processor: z.string(),
  address: z.string(),
  usdPerHour: z.number().nullable(),
  lastFault: z.strictObject({ atWallMs: z.number(), what: z.string() }).readonly().nullable(),
  note: z.string().nullable(),
});

const statusSchema = z.strictObject({
  version: z.string(),
  startedAtWallMs: z.number(),
  uptimeMs: z.number(),
  endpoints: z.array(endpointSchema).readonly(),
  models: z.array(z.string()).readonly(),
  ledger: z.record(z.string(), z.unknown()),
  idempotency: z.record(z.string(), z.number()),
  storedResponses: z.record(z.string(), z.number()).nullable(),
  probableRetries: z.number(),
  processes: z.array(z.strictObject({ process: z.number(), pid: z.number().nullable(), running: z.number() })).readonly(),
});

const usageSchema = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        key: z.string(),
        requests: z.number(),
        attempts: z.number(),
        inputTokens: z.number(),
        outputTokens: z.number(),
        usd: z.number(),
        unpricedRequests: z.number(),
        lostUsd: z.number(),
      }),
    )
    .readonly(),
  openAttempts: z.number(),
  unknownAttempts: z.number(),
});

const deploymentSchema = z.strictObject({
  id: z.string(),
  model: z.string(),
  endpoint: z.string(),
  vendor: z.string(),
  chip: z.string(),
  evidence: z.string(),
  state: z.string(),
});

const standingSchema = z.strictObject({
  level: z.enum(['key', 'team', 'whole']),
  id: z.string(),
  of: z.enum(['usd', 'tokens']),
  period: z.enum(['day', 'month']),
  most: z.number(),
  spent: z.number(),
  reserved: z.number(),
  endsAtWallMs: z.number(),
});

const status = readRoute(
  { method: 'GET', path: '/control/v1/status', role: 'viewer', summary: 'How the gateway is, with all its endpoints and processes.' },
  { query: nothing, answer: statusSchema },
  async ({ gateway }) => answered(await gateway.status()),
);

const endpoints = readRoute(
  { method: 'GET', path: '/control/v1/endpoints', role: 'viewer', summary: 'All endpoints, with their state.' },
  { query: nothing, answer: z.strictObject({ endpoints: z.array(endpointSchema).readonly() }) },
  async ({ gateway }) => answered({ endpoints: await gateway.endpoints() }),
);

const models = readRoute(
  { method: 'GET', path: '/control/v1/models', role: 'viewer', summary: 'The names of the models that can be asked for now.' },
  { query: nothing, answer: z.strictObject({ models: z.array(z.string()).readonly() }) },
  async ({ gateway }) => answered({ models: await gateway.models() }),
);

const usage = readRoute(
  { method: 'GET', path: '/control/v1/usage', role: 'viewer', summary: 'Requests, tokens and money, by what they are grouped by.' },
  { query: usageQuerySchema, answer: usageSchema },
  async ({ gateway }, _call, query) => answered(await gateway.usage(toUsageQuery(query))),
);

const deployments = readRoute(
  { method: 'GET', path: '/control/v1/deployments', role: 'viewer', summary: 'Each model on each endpoint.' },
  { query: nothing, answer: z.strictObject({ deployments: z.array(deploymentSchema) }) },
  async ({ gateway }) => {
    const all = await gateway.endpoints();
    return answered({
      deployments: all.flatMap(({ id, vendor, chip, evidence, state, models: served }) =>
        served.map((model) => ({ id: `${model}@${id}`, model, endpoint: id, vendor, chip, evidence, state })),
      ),
    });
  },
);

const standing = readRoute(
  {
    method: 'GET',
    path: '/control/v1/budgets/standing',
    role: 'viewer',
    summary: 'How budgets stand of whoever asked for anything since the start.',
  },
  { query: nothing, answer: z.strictObject({ budgets: z.array(standingSchema) }) },
  ({ budgetStanding }) => answered({ budgets: [...budgetStanding()] }),
);

/** Takes an endpoint out, by breaking what runs there or by letting it end, or lets it in again; in every process. */
function switching(change: EndpointSwitch, summary: string): ControlRoute {
  return changeRoute(
    { method: 'POST', path: `/control/v1/endpoints/{id}/${change}`, role: 'operator', summary },
    { body: nothing, answer: z.strictObject({ id: z.string(), state: z.string() }) },
    async ({ gateway, audit }, { actor, params: { id = '' } }) => {
      const before = (await gateway.endpoints()).find((endpoint) => endpoint.id === id);
      if (before === undefined) return refused('no_such_entry', 'There is no endpoint of this id.');
      await audit.append({ actor, action: `endpoint.${change}`, target: id, before: { state: before.state } });
      if (!(await gateway.switchEndpoint(id, change))) return refused('no_such_entry', 'There is no endpoint of this id.');
      const after = (await gateway.endpoints()).find((endpoint) => endpoint.id === id);
      return answered({ id, state: after?.state ?? 'down' });
    },
  );
}

export const statusRoutes: readonly ControlRoute[] = [
  status,
  endpoints,
  deployments,
  models,
  usage,
  standing,
  switching('unplug', 'Breaks the connections to an endpoint and keeps it out, as if its cable were pulled.'),
  switching('drain', 'Keeps an endpoint out, and lets what runs there end.'),
  switching('plug', 'Lets an endpoint in again.'),
];
