import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './read-body.ts';
import { refuse } from './refuse.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { RequestLimits } from '../protocol/request-limits.ts';
import type { Result } from '../std/result.ts';

/** Reads and parses a request's body. What is wrong with it is answered here, and nothing is left to do then. */
export async function receive<Parsed>(
  context: GatewayContext,
  incoming: IncomingMessage,
  response: ServerResponse,
  parse: (bytes: Uint8Array, limits: RequestLimits) => Result<Parsed, Fault>,
): Promise<Parsed | undefined> {
  const body = await readBody(incoming, context.requestBodyBytes);
  if (!body.ok) {
    // What is left of a body that is not wanted must not be read, so the connection cannot serve another request.
    refuse(incoming, response, body.failure, { connection: 'close' });
    return undefined;
  }
  const parsed = parse(body.value, context.requestLimits);
  if (parsed.ok) return parsed.value;
  refuse(incoming, response, parsed.failure);
  return undefined;
}
