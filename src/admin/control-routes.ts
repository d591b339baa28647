import type { Route, RouteHandler } from '../gateway/route.ts';
import type { UsageQuery } from '../ledger/ledger.ts';
import { sendFault, sendJson } from '../gateway/respond.ts';

const groupings: readonly UsageQuery['groupBy'][] = ['model', 'vendor', 'endpoint', 'tenant', 'evidence'];

const status: RouteHandler = (context, _incoming, response) => {
  const { fleet, clock } = context.relay;
  sendJson(
    response,
    200,
    JSON.stringify({
      version: context.version,
      startedAtWallMs: context.startedAtWallMs,
      uptimeMs: clock.nowMs() - context.startedAtMs,
      endpoints: fleet.status(),
      models: fleet.models(),
      ledger: context.ledgerHealth(),
      idempotency: context.idempotency.status(),
      storedResponses: context.storedResponses?.status() ?? null,
      probableRetries: context.probableRetries.count,
    }),
  );
};

const endpoints: RouteHandler = (context, _incoming, response) => {
  sendJson(response, 200, JSON.stringify({ endpoints: context.relay.fleet.status() }));
};

/** The loss of an endpoint, on purpose: its connections break as if its cable were pulled. */
function plugging(change: 'unplug' | 'plug'): RouteHandler {
  return async (context, _incoming, response, { pathParts }) => {
    const id = decoded(pathParts[0] ?? '');
    if (id === undefined || !(await context[change](id)))
      return sendFault(response, { code: 'not_found', detail: 'There is no endpoint of this id.' });
    const state = context.relay.fleet.status().find((endpoint) => endpoint.id === id)?.state;
    sendJson(response, 200, JSON.stringify({ id, state }));
  };
}

const usage: RouteHandler = async (context, _incoming, response, { query }) => {
  const asked = new URLSearchParams(query).get('groupBy') ?? 'model';
  const groupBy = groupings.find((name) => name === asked);
  if (groupBy === undefined)
    return sendFault(response, { code: 'invalid_request', param: 'groupBy', detail: `\`groupBy\` is one of ${groupings.join(', ')}.` });
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
