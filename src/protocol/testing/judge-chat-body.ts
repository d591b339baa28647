import type { Fault } from '../../std/error-catalogue.ts';
import { faultMessage } from '../../std/error-catalogue.ts';
import { parseChatRequest } from '../parse-chat-request.ts';
import type { ChatRequest } from '../parse-chat-request.ts';

const encoder = new TextEncoder();

function parse(body: unknown): ReturnType<typeof parseChatRequest> {
  return parseChatRequest(encoder.encode(typeof body === 'string' ? body : JSON.stringify(body)));
}

/** For tests: the least chat request. */
export const hello = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };

/** For tests: what a body is read as; throws where it is refused. */
export function accepted(body: unknown): ChatRequest {
  const parsed = parse(body);
  if (!parsed.ok) throw new Error(`${parsed.failure.param}: ${faultMessage(parsed.failure)}`);
  return parsed.value;
}

/** For tests: why a body is refused; throws where it is accepted. */
export function refusal(body: unknown): Fault {
  const parsed = parse(body);
  if (parsed.ok) throw new Error('the request was accepted');
  return parsed.failure;
}
