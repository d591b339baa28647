import type { RouteHandler } from './route.ts';
import { sendJson } from './respond.ts';

/** GET /v1/models: the logical names that can be asked for now. */
export const listModels: RouteHandler = (context, _incoming, response) => {
  const created = Math.floor(context.startedAtWallMs / 1000);
  const data = context.relay.fleet.models().map((id) => ({ id, object: 'model', created, owned_by: 'second-source' }));
  sendJson(response, 200, JSON.stringify({ object: 'list', data }));
};
