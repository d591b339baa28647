import type { RouteHandler } from './route.ts';
import { parseChatRequest } from '../protocol/parse-chat-request.ts';
import { receive } from './receive.ts';
import { serveAnswer } from './serve-answer.ts';
import { chatToRelay } from './to-relay-request.ts';

/** POST /v1/chat/completions: listen → authenticate → admit (in `serve-gateway.ts`) → parse → choose, dispatch, relay, ledger. */
export const chatCompletions: RouteHandler = async (context, incoming, response, { caller }) => {
  const parsed = await receive(context, incoming, response, parseChatRequest);
  if (parsed === undefined) return;
  const request = chatToRelay(context, caller, parsed);
  await serveAnswer(context, incoming, response, request);
};
