import { chatToRelay } from './to-relay-request.ts';
import { failure, success, type Result } from '../std/result.ts';
import { inputItems, parseResponsesRequest, toChatRequest } from '../protocol/responses/parse-responses-request.ts';
import { itemsToChat, type ChatMessageBody } from '../protocol/responses/items-to-chat.ts';
import { outputAsInput } from '../protocol/responses/output-as-input.ts';
import { receive } from './receive.ts';
import { responsesDialect } from './responses-dialect.ts';
import { sendFault } from './respond.ts';
import { sendTokenCount } from './send-token-count.ts';
import { serveAnswer } from './serve-answer.ts';
import type { ChatRequest } from '../protocol/parse-chat-request.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { ServerResponse } from '../http/server-response.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { ResponseIdentity, ResponseObject } from '../protocol/responses/response-object.ts';
import type { ResponsesRequest } from '../protocol/responses/response-shapes.ts';
import type { RouteHandler } from './route.ts';

/** POST /v1/responses: OpenAI's newer API, translated to chat completions on the way in and back on the way out. */
export const createResponse: RouteHandler = async (context, incoming, response, { caller }) => {
  const received = await receiveAsChat(context, incoming, response, caller.tenant);
  if (received === undefined) return;
  const { body, before, chat } = received;
  const request = chatToRelay(context, caller, chat, 'responses');
  const nowSeconds = (): number => Math.floor(context.relay.clock.wallMs() / 1000);
  const stored = context.storedResponses !== undefined && body.store !== false;
  const identity: ResponseIdentity = { suffix: request.requestId.replace(/^req_/, ''), createdAt: nowSeconds(), stored, request: body };
  const onWhole = (whole: ResponseObject): ResponseObject => (stored ? kept(context, caller.tenant, body, before, whole) : whole);
  await serveAnswer(context, incoming, response, request, responsesDialect(identity, { nowSeconds, onWhole }));
};

/** POST /v1/responses/input_tokens. */
export const countInputTokens: RouteHandler = async (context, incoming, response, { caller }) => {
  const received = await receiveAsChat(context, incoming, response, caller.tenant);
  if (received === undefined) return;
  await sendTokenCount(context, incoming, response, caller, received.chat, { object: 'response.input_tokens' });
};

interface ReceivedAsChat {
  readonly body: ResponsesRequest;
  readonly before: readonly ChatMessageBody[];
  readonly chat: ChatRequest;
}

/** A request's body with the conversation before it, and both as a chat request. What is wrong with them is answered here. */
async function receiveAsChat(
  context: GatewayContext,
  incoming: HttpRequest,
  response: ServerResponse,
  tenant: string,
): Promise<ReceivedAsChat | undefined> {
  const body = await receive(context, incoming, response, parseResponsesRequest);
  if (body === undefined) return undefined;
  const before = conversationBefore(context, tenant, body);
  const chat = before.ok ? toChatRequest(body, before.value, context.requestLimits) : before;
  if (before.ok && chat.ok) return { body, before: before.value, chat: chat.value };
  if (!chat.ok) sendFault(response, chat.failure);
  return undefined;
}

/** What was said before by `previous_response_id`; a fault where that, or keeping this one, cannot be had. */
function conversationBefore(context: GatewayContext, tenant: string, body: ResponsesRequest): Result<readonly ChatMessageBody[], Fault> {
  const { storedResponses, relay } = context;
  const id = body.previous_response_id;
  if (storedResponses === undefined) {
    const param = id == null ? 'store' : 'previous_response_id';
    const detail = `Responses are not kept by this gateway (\`storedResponses.enabled\`), so \`${param}\` cannot be used: send the whole conversation as \`input\`.`;
    return id != null || body.store === true ? failure({ code: 'unsupported_parameter', param, detail }) : success([]);
  }
  if (id == null) return success([]);
  const previous = storedResponses.get(tenant, id, relay.clock.nowMs());
  return previous === undefined ? failure({ code: 'response_not_found', param: 'previous_response_id' }) : success(previous.conversation);
}

/** Keeps a whole response for a later request, and says in it whether that could be done. */
function kept(
  { storedResponses, relay }: GatewayContext,
  tenant: string,
  body: ResponsesRequest,
  before: readonly ChatMessageBody[],
  whole: ResponseObject,
): ResponseObject {
  const input = inputItems(body);
  const conversation = [...before, ...itemsToChat([...input, ...whole.output.map(outputAsInput)])];
  const entry = { response: JSON.stringify(whole), input, conversation };
  const isKept = storedResponses?.put(tenant, whole.id, entry, relay.clock.nowMs()) ?? false;
  return isKept ? whole : { ...whole, store: false };
}
