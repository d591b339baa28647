import { ownGateway } from './own-gateway.ts';
import { readUsageQuery } from '../read-usage-query.ts';
import { sendFault, sendJson } from '../../gateway/respond.ts';
import type { ControlledGateway, EndpointSwitch } from '../controlled-gateway.ts';
import type { Route, RouteHandler } from '../../gateway/route.ts';

/** Where a serving process says or does what only it can. */
export const internalPaths = {
  status: '/internal/status',
  models: '/internal/models',
  caps: '/internal/caps',
  usage: '/internal/usage',
  chat: '/internal/chat',
  explain: '/internal/explain',
  explained: (requestId: string) => `/internal/explain/${encodeURIComponent(requestId)}`,
  switched: (endpointId: string, change: EndpointSwitch) => `/internal/endpoints/${encodeURIComponent(endpointId)}/${change}`,
} as const;

function telling(ask: (gateway: ControlledGateway) => Promise<unknown>): RouteHandler {
  return async (context, _incoming, response) => sendJson(response, 200, JSON.stringify(await ask(ownGateway(context))));
}

function switching(change: EndpointSwitch): RouteHandler {
  return async (context, _incoming, response, { pathParts: [part = ''] }) => {
    const known = await ownGateway(context).switchEndpoint(decodeURIComponent(part), change);
    if (known) sendJson(response, 200, '{}');
    else sendFault(response, { code: 'no_such_entry' });
  };
}

const usage: RouteHandler = async (context, _incoming, response, { query }) => {
  const asked = readUsageQuery(Object.fromEntries(new URLSearchParams(query)));
  if (!asked.ok) return sendFault(response, asked.failure);
  sendJson(response, 200, JSON.stringify(await ownGateway(context).usage(asked.value)));
};

const explained: RouteHandler = async (context, _incoming, response, { pathParts: [part = ''] }) => {
  const found = await ownGateway(context).explained(decodeURIComponent(part));
  if (found === undefined) sendFault(response, { code: 'no_such_entry' });
  else sendJson(response, 200, JSON.stringify(found));
};

/**
 * What the first of several processes asks the others. They are served on the private sockets alone, which only this
 * user can open, so that whoever comes that way was let in by the first.
 */
export const internalRoutes: readonly Route[] = [
  { method: 'GET', path: internalPaths.status, access: 'open', handle: telling((gateway) => gateway.status()) },
  { method: 'GET', path: internalPaths.models, access: 'open', handle: telling((gateway) => gateway.models()) },
  { method: 'GET', path: internalPaths.caps, access: 'open', handle: telling((gateway) => gateway.caps()) },
  { method: 'GET', path: internalPaths.usage, access: 'open', handle: usage },
  { method: 'POST', path: internalPaths.chat, access: 'open', handle: (context, incoming, response) => ownGateway(context).chat(incoming, response) },
  {
    method: 'POST',
    path: internalPaths.explain,
    access: 'open',
    handle: (context, incoming, response) => ownGateway(context).explain(incoming, response),
  },
  { method: 'GET', path: '/internal/explain/*', access: 'open', handle: explained },
  { method: 'POST', path: '/internal/endpoints/*/plug', access: 'open', handle: switching('plug') },
  { method: 'POST', path: '/internal/endpoints/*/unplug', access: 'open', handle: switching('unplug') },
  { method: 'POST', path: '/internal/endpoints/*/drain', access: 'open', handle: switching('drain') },
];
