import type { RouteHandler } from './route.ts';
import { parseChatRequest } from '../protocol/parse-chat-request.ts';
import { withBody } from './receive.ts';
import { serveAnswer } from './serve-answer.ts';
import { chatToRelay } from './to-relay-request.ts';

/** POST /v1/chat/completions: listen → authenticate → admit (in `serve-gateway.ts`) → parse → choose, dispatch, relay, ledger. */
export const chatCompletions: RouteHandler = (context, incoming, response, { caller }) =>
  withBody(context, incoming, response, parseChatRequest, (parsed) => serveAnswer(context, incoming, response, chatToRelay(context, caller, parsed)));
