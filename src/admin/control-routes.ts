import { askSiblings } from './ask-siblings.ts';
import { jointEndpoints, jointStatus, type ProcessStatus } from './joint-status.ts';
import type { EndpointStatus } from '../fleet/fleet.ts';
import type { GatewayContext } from '../gateway/gateway-context.ts';
import type { Route, RouteHandler } from '../gateway/route.ts';
import type { UsageQuery } from '../ledger/ledger.ts';
import { sendFault, sendJson } from '../gateway/respond.ts';

const groupings: readonly UsageQuery['groupBy'][] = ['model', 'vendor', 'endpoint', 'tenant', 'evidence'];

const status: RouteHandler = async (context, incoming, response) => {
  const own = ownStatus(context);
  const { siblings, relay } = context;
  if (siblings === undefined) return sendJson(response, 200, JSON.stringify(own));
  const others = (await askSiblings(incoming, siblings, relay.clock)).flatMap(({ text }): ProcessStatus[] =>
    text === undefined ? [] : [JSON.parse(text)],
  );
  sendJson(response, 200, JSON.stringify(jointStatus(own, others, siblings.count)));
};

function ownStatus(context: GatewayContext): ProcessStatus {
  const { fleet, clock } = context.relay;
  const endpoints = fleet.status();
  return {
    version: context.version,
    startedAtWallMs: context.startedAtWallMs,
    uptimeMs: clock.nowMs() - context.startedAtMs,
    endpoints,
    models: fleet.models(),
    ledger: context.ledgerHealth(),
    idempotency: context.idempotency.status(),
    storedResponses: context.storedResponses?.status() ?? null,
    probableRetries: context.probableRetries.count,
    processes: [{ process: context.processIndex ?? 0, pid: process.pid, running: endpoints.reduce((sum, { running }) => sum + running, 0) }],
  };
}

const endpoints: RouteHandler = async (context, incoming, response) => {
  const own = context.relay.fleet.status();
  const { siblings, relay } = context;
  const others = siblings === undefined ? [] : await askSiblings(incoming, siblings, relay.clock);
  const seen = others.flatMap(({ text }): (readonly EndpointStatus[])[] => (text === undefined ? [] : [JSON.parse(text).endpoints]));
  sendJson(response, 200, JSON.stringify({ endpoints: jointEndpoints([own, ...seen]) }));
};

/** The loss of an endpoint, on purpose: its connections break as if its cable were pulled, in every process. */
function plugging(change: 'unplug' | 'plug'): RouteHandler {
  return async (context, incoming, response, { pathParts }) => {
    const id = decoded(pathParts[0] ?? '');
    if (id === undefined || !(await context[change](id)))
      return sendFault(response, { code: 'not_found', detail: 'There is no endpoint of this id.' });
    const { siblings, relay } = context;
    if (siblings !== undefined) {
      siblings.plugged(id, change);
      await askSiblings(incoming, siblings, relay.clock);
    }
    const state = relay.fleet.status().find((endpoint) => endpoint.id === id)?.state;
    sendJson(response, 200, JSON.stringify({ id, state }));
  };
}

const usage: RouteHandler = async (context, incoming, response, { query }) => {
  const asked = new URLSearchParams(query).get('groupBy') ?? 'model';
  const groupBy = groupings.find((name) => name === asked);
  if (groupBy === undefined)
    return sendFault(response, { code: 'invalid_request', param: 'groupBy', detail: `\`groupBy\` is one of ${groupings.join(', ')}.` });
  // Asked for theirs, the others bring all that they hold into the one database.
  if (context.siblings !== undefined) await askSiblings(incoming, context.siblings, context.relay.clock);
  await context.relay.ledger.flush();
  sendJson(response, 200, JSON.stringify(await context.relay.ledger.usage({ groupBy })));
};

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** The control API as far as it goes today: what the chat page and the CLI need, on the same listener. */
export const controlRoutes: readonly Route[] = [
  { method: 'GET', path: '/control/v1/status', access: 'control', handle: status },
  { method: 'GET', path: '/control/v1/endpoints', access: 'control', handle: endpoints },
  { method: 'POST', path: '/control/v1/endpoints/*/unplug', access: 'control', handle: plugging('unplug') },
  { method: 'POST', path: '/control/v1/endpoints/*/plug', access: 'control', handle: plugging('plug') },
  { method: 'GET', path: '/control/v1/usage', access: 'control', handle: usage },
];
