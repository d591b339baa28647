import type { RouteHandler } from './route.ts';
import { sendJson } from './respond.ts';

/**
 * GET /health: the process lives, and how late it is. It says nothing of endpoints, and never a key (security
 * requirement S5). It stays 200 under load, lest a supervisor kill what is only busy.
 */
export const health: RouteHandler = (context, _incoming, response) => {
  const eventLoopLagP99Ms = Math.round(context.eventLoopLag.p99Ms() * 10) / 10;
  sendJson(response, 200, JSON.stringify({ status: 'ok', eventLoopLagP99Ms }));
};

/** GET /ready: at least one endpoint would be tried. A load balancer sends traffic by this one. */
export const ready: RouteHandler = (context, _incoming, response) => {
  const endpoints = context.relay.fleet.status();
  const serving = endpoints.filter(({ state, models }) => state === 'ready' && models.length > 0).length;
  sendJson(response, serving > 0 ? 200 : 503, JSON.stringify({ status: serving > 0 ? 'ready' : 'not ready', endpoints: endpoints.length, serving }));
};
