import { countPrompt } from '../upstream/count-prompt.ts';
import { estimateTokens } from './to-relay-request.ts';
import { choiceFault } from '../upstream/choice-fault.ts';
import { refuse } from './refuse.ts';
import { sendJson } from './respond.ts';
import type { ChatRequest } from '../protocol/parse-chat-request.ts';
import type { Caller } from '../access/caller.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { ServerResponse } from '../http/server-response.ts';

/** Tells what a prompt costs: as an endpoint of the model counts it, or, where none can, a guess. A header says which. */
export async function sendTokenCount(
  context: GatewayContext,
  incoming: HttpRequest,
  response: ServerResponse,
  { rules }: Caller,
  chat: ChatRequest,
  shape: object,
): Promise<void> {
  if (rules?.allowsModel(chat.model) === false) return refuse(incoming, response, choiceFault({ kind: 'out-of-scope' }, chat.model));
  const body = { bytes: chat.bytes, scanned: chat.scanned, stream: false };
  const counted = await countPrompt(chat.model, rules, body, context.relay);
  const told = { ...shape, input_tokens: counted ?? estimateTokens(chat.messageCharacters) };
  sendJson(response, 200, JSON.stringify(told), { 'x-second-source-token-count': counted === undefined ? 'estimated' : 'counted' });
}
