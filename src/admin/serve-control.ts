import { Socket } from 'node:net';
import { AuditUnavailable } from './audit/audit-log.ts';
import { checkRequestHead } from '../gateway/check-request-head.ts';
import { controlRoutes } from './routes/control-routes.ts';
import { faultReply, sendFault } from '../gateway/respond.ts';
import { HttpServer } from '../http/http-server.ts';
import { identify } from './identify.ts';
import { mayActAs } from './roles.ts';
import { RouteTable } from '../gateway/route.ts';
import { securityHeaders } from './security-headers.ts';
import type { Actor } from './actor.ts';
import type { ControlContext } from './control-context.ts';
import type { ControlRoute } from './control-route.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { Gateway, ListenerLimits } from '../gateway/serve-gateway.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { ServerResponse, ServerSocket } from '../http/server-response.ts';

const keepAliveTimeoutMs = 65_000;
/** Operators are few: more than this at once is somebody who hammers. */
const mostRequests = 256;

/** A route in the form in which paths are looked up. */
interface Entry {
  readonly method: string;
  readonly path: string;
  readonly names: readonly string[];
  readonly route: ControlRoute;
}

/** The control listener: refuses what is ambiguous, finds the route, asks who it is and whether their role allows it. */
export function serveControl(context: ControlContext, limits: ListenerLimits): Gateway {
  const table = new RouteTable(controlRoutes.map(entryOf));
  let running = 0;
  let draining = false;
  const server = new HttpServer({
    rules: { ...limits, keepAliveTimeoutMs },
    clock: context.clock,
    refusal: ({ why, what }) =>
      faultReply(
        { code: why === 'timeout' ? 'request_timeout' : 'bad_http', detail: `The request cannot be read: ${what}.` },
        { connection: 'close' },
      ),
    onRequest: (request, response, socket) => {
      if (draining) return sendFault(response, { code: 'draining', retryAfterMs: 1000 }, { connection: 'close' });
      if (running >= mostRequests) return sendFault(response, { code: 'overloaded', retryAfterMs: 1000 }, { connection: 'close' });
      running += 1;
      response.onOver(() => {
        running -= 1;
      });
      void handle(context, table, request, response, addressOf(socket));
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

async function handle(
  context: ControlContext,
  table: RouteTable<Entry>,
  request: HttpRequest,
  response: ServerResponse,
  address: string,
): Promise<void> {
  try {
    const refused = checkRequestHead(request, context.loopbackOnly);
    if (refused !== undefined) return sendFault(response, refused, { connection: 'close' });
    const { method, target } = request;
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    const page = context.page.get(path);
    if (page !== undefined && (method === 'GET' || method === 'HEAD'))
      return response.send(200, { ...page.headers, ...securityHeaders(context.isSecure) }, page.bytes);
    const match = table.match(method, path);
    if (match.kind === 'none') return sendFault(response, { code: 'not_found' });
    if (match.kind === 'wrong-method') return sendFault(response, { code: 'method_not_allowed' }, { allow: match.allow });
    const { route, names } = match.route;
    const actor = identify(context, request, address);
    if (!actor.ok) return sendFault(response, actor.failure, { connection: 'close' });
    const denied = denial(actor.value, route);
    if (denied !== undefined) return sendFault(response, denied, { connection: 'close' });
    const params = paramsOf(names, match.pathParts);
    if (params === undefined) return sendFault(response, { code: 'not_found' });
    await route.serve(context, request, response, { actor: actor.value, params, headers: request.headers });
  } catch (error) {
    if (error instanceof AuditUnavailable && !response.isBegun) return sendFault(response, { code: 'audit_unavailable' });
    context.report(error instanceof Error ? (error.stack ?? error.message) : String(error));
    if (response.isBegun) response.reset();
    else sendFault(response, { code: 'internal_error' });
  }
}

/** The one place where roles are checked: a route that does not say who may call it does not compile. */
function denial(actor: Actor, { role }: ControlRoute): Fault | undefined {
  if (mayActAs(actor.role, role)) return undefined;
  if (actor.kind === 'nobody') return { code: 'sign_in_needed' };
  return { code: 'role_too_low', detail: `This needs the role \`${role}\`, and yours is \`${actor.role}\`.` };
}

function entryOf(route: ControlRoute): Entry {
  const names = route.path.split('/').flatMap((part) => /^\{(.+)\}$/.exec(part)?.[1] ?? []);
  return { method: route.method, path: route.path.replaceAll(/\{[^}]+\}/g, '*'), names, route };
}

/** Undefined where a part is not percent-encoded properly. */
function paramsOf(names: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  try {
    return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(parts[index] ?? '')]));
  } catch {
    return undefined;
  }
}

function addressOf(socket: ServerSocket): string {
  return socket instanceof Socket ? (socket.remoteAddress ?? 'unknown') : 'unknown';
}
