import { refuse } from './refuse.ts';
import type { BodyFailure, BodyOutcome } from '../http/request-body.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { RequestLimits } from '../protocol/request-limits.ts';
import type { Result } from '../std/result.ts';
import type { ServerResponse } from '../http/server-response.ts';

/** Reads and parses a request's body. What is wrong with it is answered here, and nothing is left to do then. */
export function receive<Parsed>(
  context: GatewayContext,
  incoming: HttpRequest,
  response: ServerResponse,
  parse: (bytes: Uint8Array, limits: RequestLimits) => Result<Parsed, Fault>,
): Parsed | undefined | Promise<Parsed | undefined> {
  const received = (body: BodyOutcome): Parsed | undefined => {
    if (!body.ok) {
      // What is left of a body that is not wanted must not be read, so the connection cannot serve another request.
      refuse(incoming, response, bodyFault(body.failure, context.requestBodyBytes), { connection: 'close' });
      return undefined;
    }
    const parsed = parse(body.value, context.requestLimits);
    if (parsed.ok) return parsed.value;
    refuse(incoming, response, parsed.failure);
    return undefined;
  };
  const body = incoming.readBody(context.requestBodyBytes);
  return body instanceof Promise ? body.then(received) : received(body);
}

function bodyFault(why: BodyFailure, limitBytes: number): Fault {
  switch (why) {
    case 'too-large':
      return { code: 'request_too_large', detail: `The body is larger than ${limitBytes} bytes.` };
    case 'malformed':
      return { code: 'bad_http', detail: 'The request cannot be read: its body is framed wrongly.' };
    case 'gone':
      return { code: 'client_closed' };
  }
}
