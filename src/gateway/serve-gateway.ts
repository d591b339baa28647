import { anybody } from '../access/caller.ts';
import { checkRequestHead } from './check-request-head.ts';
import { faultReply } from './respond.ts';
import { findOwner } from './find-owner.ts';
import { HttpServer } from '../http/http-server.ts';
import { passOn } from './pass-on.ts';
import { refuse } from './refuse.ts';
import { RouteTable, type Route } from './route.ts';
import { shedLoad } from './shed-load.ts';
import type { ErrorCode } from '../std/error-catalogue.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { HttpRequest, Refusal, WholeResponse } from '../http/server-connection.ts';
import type { ServerResponse } from '../http/server-response.ts';

export interface ListenerLimits {
  readonly headerBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export interface Gateway {
  readonly server: HttpServer;
  /** Stops accepting, gives running requests `graceMs` to end, then resets what is left. */
  readonly stop: (graceMs: number) => Promise<void>;
}

const keepAliveTimeoutMs = 65_000;

/** Station ①: listens, refuses what is ambiguous, finds the route, authenticates and admits, then hands over. */
export function serveGateway(context: GatewayContext, routes: readonly Route[], limits: ListenerLimits): Gateway {
  const table = new RouteTable(routes);
  let running = 0;
  let draining = false;
  const ended = (): void => {
    running -= 1;
  };
  const server = new HttpServer({
    rules: { ...limits, keepAliveTimeoutMs },
    clock: context.relay.clock,
    refusal,
    onRequest: (incoming, response) => {
      if (draining) return refuse(incoming, response, { code: 'draining', retryAfterMs: 1000 }, { connection: 'close' });
      if (running >= context.concurrentRequests) return refuse(incoming, response, { code: 'overloaded', retryAfterMs: 1000 });
      running += 1;
      response.onOver(ended);
      void handle(context, table, running, incoming, response);
    },
  });
  return {
    server,
    stop: (graceMs) => {
      draining = true;
      return server.stop(graceMs);
    },
  };
}

async function handle(context: GatewayContext, table: RouteTable, running: number, incoming: HttpRequest, response: ServerResponse): Promise<void> {
  try {
    const refused = checkRequestHead(incoming, context.loopbackOnly);
    if (refused !== undefined) return refuse(incoming, response, refused, { connection: 'close' });
    const { method, target } = incoming;
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    const match = table.match(method, path);
    if (match.kind === 'none') return refuse(incoming, response, { code: 'not_found' });
    if (match.kind === 'wrong-method') return refuse(incoming, response, { code: 'method_not_allowed' }, { allow: match.allow });
    const admitted = admit(context, match.route, incoming);
    if (!admitted.ok) return refuse(incoming, response, admitted.failure, { connection: 'close' });
    const shed = match.route.access === 'key' ? shedLoad(context.eventLoopLag.p99Ms(), running, context.shedding) : undefined;
    if (shed !== undefined) return refuse(incoming, response, shed);
    const query = mark < 0 ? '' : target.slice(mark + 1);
    const call = { caller: admitted.value, query, pathParts: match.pathParts };
    const { siblings } = context;
    if (siblings === undefined) return await match.route.handle(context, incoming, response, call);
    const owned = await findOwner(context, match.route, incoming, call, siblings);
    if (owned.owner === siblings.index) await match.route.handle(context, owned.incoming, response, call);
    else await passOn(context, siblings, owned, response);
  } catch (error) {
    context.report(error instanceof Error ? (error.stack ?? error.message) : String(error));
    if (response.isBegun) response.reset();
    else refuse(incoming, response, { code: 'internal_error' });
  }
}

function admit(context: GatewayContext, route: Route, incoming: HttpRequest): ReturnType<GatewayContext['authenticate']> {
  if (route.access === 'open') return { ok: true, value: anybody };
  const admitted = context.authenticate(incoming.headers);
  if (admitted.ok && route.api !== undefined && admitted.value.rules?.allowsApi(route.api) === false) {
    return { ok: false, failure: { code: 'out_of_scope', detail: 'This key may not use this API.' } };
  }
  return admitted;
}

const refusalCodes: Readonly<Record<Refusal['why'], ErrorCode>> = { malformed: 'bad_http', 'head-too-large': 'bad_http', timeout: 'request_timeout' };

/** Answers what could not be read as a request, with the same error body as everything else. */
function refusal({ why, what }: Refusal): WholeResponse {
  return faultReply({ code: refusalCodes[why], detail: `The request cannot be read: ${what}.` }, { connection: 'close' });
}
