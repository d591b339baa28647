import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { checkRequestHead } from './check-request-head.ts';
import type { ErrorCode } from '../std/error-catalogue.ts';
import { matchRoute, type Route } from './route.ts';
import { faultReply, sendFault } from './respond.ts';
import { refuse } from './refuse.ts';
import { shedLoad } from './shed-load.ts';
import type { Clock } from '../std/clock.ts';
import type { GatewayContext } from './gateway-context.ts';

export interface ListenerLimits {
  readonly headerBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export interface Gateway {
  readonly server: Server;
  /** Stops accepting, gives running requests `graceMs` to end, then resets what is left. */
  readonly stop: (graceMs: number) => Promise<void>;
}

/** Station ①: listens, refuses what is ambiguous, finds the route, authenticates and admits, then hands over. */
export function serveGateway(context: GatewayContext, routes: readonly Route[], limits: ListenerLimits): Gateway {
  let running = 0;
  let draining = false;
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: 65_000,
      insecureHTTPParser: false,
      // Refused by `checkRequestHead`, with an error body that node's own refusal lacks.
      requireHostHeader: false,
    },
    (incoming, response) => {
      if (draining) return refuse(incoming, response, { code: 'draining', retryAfterMs: 1000 }, { connection: 'close' });
      if (running >= context.concurrentRequests) return refuse(incoming, response, { code: 'overloaded', retryAfterMs: 1000 });
      running += 1;
      response.once('close', () => {
        running -= 1;
      });
      void handle(context, routes, running, incoming, response);
    },
  );
  server.maxHeadersCount = 64;
  server.on('clientError', (error, socket) => answerClientError(error, socket, context.relay.clock));
  return {
    server,
    stop: async (graceMs) => {
      draining = true;
      await closeServer(server, graceMs, context);
    },
  };
}

async function handle(
  context: GatewayContext,
  routes: readonly Route[],
  running: number,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const refused = checkRequestHead(incoming, context.loopbackOnly);
    if (refused !== undefined) return sendFault(response, refused, { connection: 'close' });
    const url = new URL(incoming.url ?? '/', 'http://gateway');
    const page = context.page.get(url.pathname);
    if (page !== undefined && (incoming.method === 'GET' || incoming.method === 'HEAD')) {
      response.writeHead(200, { ...page.headers });
      response.end(incoming.method === 'GET' ? page.bytes : undefined);
      return;
    }
    const match = matchRoute(routes, incoming.method ?? '', url.pathname);
    if (match.kind === 'none') return refuse(incoming, response, { code: 'not_found' });
    if (match.kind === 'wrong-method') return refuse(incoming, response, { code: 'method_not_allowed' }, { allow: match.allow });
    const admitted = admit(context, match.route, incoming);
    if (!admitted.ok) return refuse(incoming, response, admitted.failure, { connection: 'close' });
    const shed = match.route.access === 'key' ? shedLoad(context.eventLoopLag.p99Ms(), running, context.shedding) : undefined;
    if (shed !== undefined) return refuse(incoming, response, shed);
    await match.route.handle(context, incoming, response, { tenant: admitted.value.tenant, url, pathParts: match.pathParts });
  } catch (error) {
    context.report(error instanceof Error ? (error.stack ?? error.message) : String(error));
    if (response.headersSent) response.socket?.resetAndDestroy();
    else refuse(incoming, response, { code: 'internal_error' });
  }
}

function admit(context: GatewayContext, route: Route, incoming: IncomingMessage): ReturnType<GatewayContext['authenticate']> {
  if (route.access === 'open') return { ok: true, value: { tenant: 'anybody' } };
  // A page of another site cannot set this header without a preflight, which is never answered (security requirement S29).
  if (route.access === 'control' && incoming.headers['x-second-source-control'] !== '1') {
    return { ok: false, failure: { code: 'forbidden_origin', detail: 'The control API needs the header `x-second-source-control: 1`.' } };
  }
  return context.authenticate(incoming.headers.authorization, incoming.headers['x-api-key']);
}

const clientErrors: Readonly<Record<string, ErrorCode>> = { ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout', HPE_HEADER_OVERFLOW: 'bad_http' };

/** How long an answer to what cannot be parsed has to arrive before the connection goes, whatever the client does. */
const lingerMs = 1000;

/**
 * Answers what `node:http` could not parse, with the same error body as everything else. A client that does not close
 * its own half would hold the connection for ever after that, so it is broken a moment later (fault 84).
 */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, clock: Clock): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = faultReply({ code: clientErrors[error.code ?? ''] ?? 'bad_http' }, { connection: 'close' });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once(
    'close',
    clock.after(lingerMs, () => socket.destroy()),
  );
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${String(body)}`);
}

/** How often connections that have become idle meanwhile are closed, since a kept one would hold the drain up. */
const sweepMs = 100;

function closeServer(server: Server, graceMs: number, context: GatewayContext): Promise<void> {
  const { clock } = context.relay;
  return new Promise((resolve) => {
    let cancelSweep = (): void => {};
    const sweep = (): void => {
      server.closeIdleConnections();
      cancelSweep = clock.after(sweepMs, sweep);
    };
    const cancelGrace = clock.after(graceMs, () => server.closeAllConnections());
    server.close(() => {
      cancelGrace();
      cancelSweep();
      resolve();
    });
    sweep();
  });
}
