import type { IncomingMessage, ServerResponse } from 'node:http';
import { askedContinuation, continuationHeader } from './asked-continuation.ts';
import type { Fault } from '../std/error-catalogue.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { relayStream } from '../upstream/relay-stream.ts';
import { relayWhole } from '../upstream/relay-whole.ts';
import { ResponseStream } from './response-stream.ts';
import { provenanceHeaders, sendFault, sendJson } from './respond.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { RelayRequest } from '../upstream/relay-request.ts';

/** The second half of a request's path: dispatch, relay, respond; the ledger is written on the way. */
export async function serveAnswer(
  context: GatewayContext,
  incoming: IncomingMessage,
  response: ServerResponse,
  request: RelayRequest,
): Promise<void> {
  const tier = askedContinuation(request.lowestTier, incoming.headers[continuationHeader]);
  if (!tier.ok) return sendFault(response, tier.failure);
  const asked = { ...request, lowestTier: tier.value };
  await (request.body.stream ? serveStream(context, response, asked) : serveWhole(context, incoming, response, asked));
}

/** What a client is told when the gateway itself could not go on; the operator gets the whole story. */
function ownFault(context: GatewayContext, requestId: string, error: unknown): { readonly kind: 'failed'; readonly fault: Fault } {
  context.report(
    `${requestId}: ${error instanceof LedgerError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return { kind: 'failed', fault: { code: error instanceof LedgerError ? 'ledger_unavailable' : 'internal_error' } };
}

async function serveStream(context: GatewayContext, response: ServerResponse, request: RelayRequest): Promise<void> {
  const options = { requestId: request.requestId, showProvenance: context.showProvenance, writeStallMs: context.writeStallMs };
  const client = new ResponseStream(response, options, context.relay.clock);
  const outcome = await relayStream(request, client, context.relay).catch((error: unknown) => ({
    ...ownFault(context, request.requestId, error),
    committed: response.headersSent,
  }));
  if (outcome.kind === 'complete') client.end();
  if (outcome.kind !== 'failed') return;
  if (outcome.committed) client.fail(outcome.fault);
  else sendFault(response, outcome.fault, { 'x-request-id': request.requestId });
}

async function serveWhole(context: GatewayContext, incoming: IncomingMessage, response: ServerResponse, request: RelayRequest): Promise<void> {
  let answered = false;
  const onGone = (run: () => void): void => {
    if (incoming.destroyed && response.destroyed) return run();
    response.once('close', () => {
      if (!answered) run();
    });
  };
  const outcome = await relayWhole(request, onGone, context.relay).catch((error: unknown) => ownFault(context, request.requestId, error));
  answered = true;
  const headers = { 'x-request-id': request.requestId };
  if (outcome.kind === 'failed') sendFault(response, outcome.fault, headers);
  if (outcome.kind !== 'complete') return;
  sendJson(response, 200, outcome.body, { ...headers, ...(context.showProvenance ? provenanceHeaders(outcome.provenance) : {}) });
}
