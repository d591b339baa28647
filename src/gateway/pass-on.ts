import { receive } from './receive.ts';
import { refuse } from './refuse.ts';
import { success } from '../std/result.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { Fields } from '../http/field-lines.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { OwnedRequest } from './find-owner.ts';
import type { ServerResponse } from '../http/server-response.ts';
import type { Siblings } from './siblings.ts';
import type { UpstreamRequest } from '../upstream/transport.ts';

/** What belongs to one connection, is written anew for the next, or was judged by the process that the client reached. */
const notPassed = new Set(
  'accept accept-encoding connection content-length content-type cookie expect host keep-alive origin proxy-authorization referer te trailer transfer-encoding upgrade user-agent'.split(
    ' ',
  ),
);
const notAnswered = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding']);
const busy = { code: 'overloaded', detail: 'The process that keeps what this request refers to is starting again.', retryAfterMs: 1000 } as const;

/** Lets the process that owns a request serve it, and passes its answer to the client as it comes, broken where it breaks. */
export async function passOn(
  context: GatewayContext,
  siblings: Siblings,
  { owner, incoming }: OwnedRequest,
  response: ServerResponse,
): Promise<void> {
  const { method, target, headers } = incoming;
  if (method !== 'GET' && method !== 'POST' && method !== 'DELETE') return refuse(incoming, response, { code: 'method_not_allowed' });
  const body = method === 'POST' ? await receive(context, incoming, response, (bytes) => success(bytes)) : undefined;
  if (method === 'POST' && body === undefined) return;
  const request: UpstreamRequest = { method, path: target, body, headers: passed(headers), onFreshConnection: true };
  passTo(siblings, owner, request, incoming, response);
}

/** Sends a request to one of the processes and passes its answer on as it comes. */
export function passTo(
  { transport, endpointOf }: Pick<Siblings, 'transport' | 'endpointOf'>,
  owner: number,
  request: UpstreamRequest,
  incoming: Pick<HttpRequest, 'target' | 'headers'>,
  response: ServerResponse,
): void {
  const call = transport.send(endpointOf(owner), request, {
    onHead: (status, fields) => response.begin(status, answered(fields)),
    onData: (bytes) => {
      if (!response.write(bytes)) call.pause();
    },
    onEnd: () => response.end(),
    onError: () => {
      if (response.isBegun) response.reset();
      else refuse(incoming, response, busy);
    },
  });
  response.onDrain(() => call.resume());
  response.onOver(() => call.abort());
}

/** The client's headers for the next process: whose request it is, and what it asks for. */
function passed(headers: Fields): Record<string, string> {
  return joined(headers, (name) => notPassed.has(name) || name.startsWith('sec-'));
}

function answered(headers: Fields): Record<string, string> {
  return joined(headers, (name) => notAnswered.has(name));
}

function joined(fields: Fields, isLeft: (name: string) => boolean): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined && !isLeft(name)) kept[name] = typeof value === 'string' ? value : value.join(', ');
  return kept;
}
