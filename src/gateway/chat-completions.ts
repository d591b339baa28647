import type { RouteHandler } from './route.ts';
import { parseChatRequest, type ChatRequest } from '../protocol/parse-chat-request.ts';
import { receive } from './receive.ts';
import { serveAnswer } from './serve-answer.ts';
import { chatToRelay } from './to-relay-request.ts';

/** POST /v1/chat/completions: listen → authenticate → admit (in `serve-gateway.ts`) → parse → choose, dispatch, relay, ledger. */
export const chatCompletions: RouteHandler = (context, incoming, response, { caller }) => {
  const serve = (parsed: ChatRequest | undefined): Promise<void> | undefined =>
    parsed === undefined ? undefined : serveAnswer(context, incoming, response, chatToRelay(context, caller, parsed));
  const parsed = receive(context, incoming, response, parseChatRequest);
  return parsed instanceof Promise ? parsed.then(serve) : serve(parsed);
};
