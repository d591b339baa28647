import type { RouteHandler } from './route.ts';
import { parseChatRequest } from '../protocol/parse-chat-request.ts';
import { readBody } from './read-body.ts';
import { sendFault } from './respond.ts';
import { serveAnswer } from './serve-answer.ts';
import { estimateTokens, toRelayRequest } from './to-relay-request.ts';

/** POST /v1/chat/completions: listen → authenticate → admit (all in `serve-gateway.ts`) → parse → choose, dispatch, relay, ledger. */
export const chatCompletions: RouteHandler = async (context, incoming, response, { tenant }) => {
  const body = await readBody(incoming, context.requestBodyBytes);
  if (!body.ok) return sendFault(response, body.failure);
  const parsed = parseChatRequest(body.value, context.requestLimits);
  if (!parsed.ok) return sendFault(response, parsed.failure);
  const { hasTools, responseFormat, messageCharacters } = parsed.value;
  const request = toRelayRequest(context, 'chat', tenant, parsed.value, { hasTools, responseFormat, framed: false, estimatedInputTokens: estimateTokens(messageCharacters) });
  await serveAnswer(context, incoming, response, request);
};
