import { refuse } from './refuse.ts';
import type { BodyFailure, BodyOutcome } from '../http/request-body.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { RequestLimits } from '../protocol/request-limits.ts';
import type { Result } from '../std/result.ts';
import type { ServerResponse } from '../http/server-response.ts';

/** Reads a request's body, parses it and goes on with it, all at once where the body came with its head, as most do. */
export function withBody<Parsed>(
  context: GatewayContext,
  incoming: HttpRequest,
  response: ServerResponse,
  parse: (bytes: Uint8Array, limits: RequestLimits) => Result<Parsed, Fault>,
  goOn: (parsed: Parsed) => Promise<void> | void,
): Promise<void> | void {
  const parsed = receive(context, incoming, response, parse);
  if (parsed instanceof Promise) return parsed.then((late) => (late === undefined ? undefined : goOn(late)));
  if (parsed !== undefined) return goOn(parsed);
}

/** Reads and parses a request's body. What is wrong with it is answered here, and nothing is left to do then. */
export function receive<Parsed>(
  context: GatewayContext,
  incoming: HttpRequest,
  response: ServerResponse,
  parse: (bytes: Uint8Array, limits: RequestLimits) => Result<Parsed, Fault>,
): Parsed | undefined | Promise<Parsed | undefined> {
  const body = incoming.readBody(context.requestBodyBytes);
  if (body instanceof Promise) return body.then((late) => parsedOrRefused(context, incoming, response, parse, late));
  return parsedOrRefused(context, incoming, response, parse, body);
}

function parsedOrRefused<Parsed>(
  context: GatewayContext,
  incoming: HttpRequest,
  response: ServerResponse,
  parse: (bytes: Uint8Array, limits: RequestLimits) => Result<Parsed, Fault>,
  body: BodyOutcome,
): Parsed | undefined {
  if (!body.ok) {
    // What is left of a body that is not wanted must not be read, so the connection cannot serve another request.
    refuse(incoming, response, bodyFault(body.failure, context.requestBodyBytes), { connection: 'close' });
    return undefined;
  }
  const parsed = parse(body.value, context.requestLimits);
  if (parsed.ok) return parsed.value;
  refuse(incoming, response, parsed.failure);
  return undefined;
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
