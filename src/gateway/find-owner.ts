import { owningProcess } from '../policy/owning-process.ts';
import { readIdempotencyKey } from './idempotency/read-idempotency-key.ts';
import { parseResponsesRequest } from '../protocol/responses/parse-responses-request.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { Route, RouteCall } from './route.ts';
import type { Siblings } from './siblings.ts';

export interface OwnedRequest {
  readonly owner: number;
  /** The request, whose body may have been read to know that. */
  readonly incoming: HttpRequest;
}

const responsesPath = /^\/v1\/responses(?:\/|$)/;

/**
 * Which process must serve a request, since what it refers to is in that one's memory: a kept response, or the answers
 * under an idempotency key. Where any can, it is this one. A conversation stands before the key: a repetition carries the
 * same conversation, so that both are found in one place.
 */
export async function findOwner(
  context: GatewayContext,
  route: Route,
  incoming: HttpRequest,
  { caller: { tenant }, pathParts }: RouteCall,
  { index, count }: Siblings,
): Promise<OwnedRequest> {
  if (route.access !== 'key') return { owner: index, incoming };
  let request = incoming;
  if (context.storedResponses !== undefined && responsesPath.test(route.path)) {
    const [named] = pathParts;
    if (named !== undefined) return { owner: ownerOfResponse(named, count), incoming };
    const body = await incoming.readBody(context.requestBodyBytes);
    request = { ...incoming, readBody: () => Promise.resolve(body) };
    const previous = body.ok ? previousResponse(context, body.value) : undefined;
    if (previous !== undefined) return { owner: ownerOfResponse(previous, count), incoming: request };
  }
  const key = readIdempotencyKey(incoming.headers['idempotency-key']);
  if (key.ok && key.value !== undefined) return { owner: owningProcess(JSON.stringify([tenant, key.value]), count), incoming: request };
  return { owner: index, incoming: request };
}

/** A process draws the ids of its requests so that they are its own, and a response has its request's. */
function ownerOfResponse(id: string, processes: number): number {
  return owningProcess(id.replace(/^resp_/, ''), processes);
}

function previousResponse(context: GatewayContext, body: Uint8Array): string | undefined {
  if (!Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('previous_response_id')) return undefined;
  const parsed = parseResponsesRequest(body, context.requestLimits);
  return parsed.ok ? (parsed.value.previous_response_id ?? undefined) : undefined;
}
