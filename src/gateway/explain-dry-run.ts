import { chatToRelay } from './to-relay-request.ts';
import { explainRequest } from '../upstream/explain-request.ts';
import { parseChatRequest } from '../protocol/parse-chat-request.ts';
import { receive } from './receive.ts';
import { routeRequest, sloHeader } from './route-request.ts';
import { sendFault, sendJson } from './respond.ts';
import { success } from '../std/result.ts';
import type { ExplainedRequest } from './explained-requests.ts';
import type { RouteHandler } from './route.ts';

/** Answers a chat request with where it would go now and why. Nothing is sent, reserved or written down. */
export const explainDryRun: RouteHandler = async (context, incoming, response, { caller }) => {
  const parsed = await receive(context, incoming, response, parseChatRequest);
  if (parsed === undefined) return;
  const given = chatToRelay(context, caller, parsed);
  const routed = context.routing === undefined ? success(given) : routeRequest(context.routing, given, incoming.headers[sloHeader]);
  if (!routed.ok) return sendFault(response, routed.failure);
  const atWallMs = context.relay.clock.wallMs();
  const explained: ExplainedRequest = { requestId: given.requestId, atWallMs, choices: explainRequest(routed.value, context.relay) };
  sendJson(response, 200, JSON.stringify(explained));
};
