import { listedItem } from '../protocol/responses/listed-item.ts';
import { sendFault, sendJson } from './respond.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { RouteCall, RouteHandler } from './route.ts';
import type { StoredResponse } from './stored-responses.ts';

const usualPage = 20;
const longestPage = 100;

/** GET /v1/responses/{id}. */
export const retrieveResponse: RouteHandler = (context, _incoming, response, call) => {
  if (new URLSearchParams(call.query).get('stream') === 'true') {
    const detail = 'A kept response can be read whole, not streamed again.';
    return sendFault(response, { code: 'invalid_request', param: 'stream', detail });
  }
  const kept = find(context, call);
  if (kept === undefined) return sendFault(response, { code: 'response_not_found' });
  sendJson(response, 200, kept.response);
};

/** DELETE /v1/responses/{id}. */
export const deleteResponse: RouteHandler = (context, _incoming, response, { caller: { tenant }, pathParts: [id = ''] }) => {
  const deleted = context.storedResponses?.delete(tenant, id, context.relay.clock.nowMs()) ?? false;
  if (!deleted) return sendFault(response, { code: 'response_not_found' });
  sendJson(response, 200, JSON.stringify({ id, object: 'response', deleted: true }));
};

/** POST /v1/responses/{id}/cancel. */
export const cancelResponse: RouteHandler = (_context, _incoming, response) => {
  const detail = 'Only a response that is made in the background can be cancelled, and none is here: close the connection of one that runs.';
  sendFault(response, { code: 'invalid_request', detail });
};

/** GET /v1/responses/{id}/input_items: those of its own request, the last first unless `order` says otherwise. */
export const listInputItems: RouteHandler = (context, _incoming, response, call) => {
  const kept = find(context, call);
  if (kept === undefined) return sendFault(response, { code: 'response_not_found' });
  const [responseId = ''] = call.pathParts;
  const query = new URLSearchParams(call.query);
  const items = kept.input.map((item, index) => listedItem(item, `${responseId}_in_${index}`));
  const ordered = query.get('order') === 'asc' ? items : items.toReversed();
  const after = ordered.findIndex(({ id }) => id === query.get('after'));
  const limit = Math.min(longestPage, Math.max(1, Number(query.get('limit')) || usualPage));
  const data = ordered.slice(after + 1, after + 1 + limit);
  const ends = { first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: ordered.length > after + 1 + limit };
  sendJson(response, 200, JSON.stringify({ object: 'list', data, ...ends }));
};

function find({ storedResponses, relay }: GatewayContext, { caller: { tenant }, pathParts: [id = ''] }: RouteCall): StoredResponse | undefined {
  return storedResponses?.get(tenant, id, relay.clock.nowMs());
}
