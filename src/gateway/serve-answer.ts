import { askedContinuation, continuationHeader } from './asked-continuation.ts';
import type { Fault } from '../std/error-catalogue.ts';
import { hash } from 'node:crypto';
import { faultReply, jsonReply, provenanceHeaders, sendFault } from './respond.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { readIdempotencyKey } from './idempotency/read-idempotency-key.ts';
import { readRetryCount } from './probable-retries.ts';
import { relayStream } from '../upstream/relay-stream.ts';
import { relayWhole } from '../upstream/relay-whole.ts';
import { ResponseStream } from './response-stream.ts';
import { serveOnce } from './idempotency/serve-once.ts';
import { showsProvenance } from './shows-provenance.ts';
import type { ClientAnswer } from './client-answer.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { ServerResponse } from '../http/server-response.ts';
import type { RelayRequest } from '../upstream/relay-request.ts';

/** The second half of a request's path: dispatch, relay, respond; the ledger is written on the way. */
export async function serveAnswer(context: GatewayContext, incoming: HttpRequest, response: ServerResponse, given: RelayRequest): Promise<void> {
  const tier = askedContinuation(given.lowestTier, incoming.headers[continuationHeader]);
  if (!tier.ok) return sendFault(response, tier.failure);
  const request = { ...given, lowestTier: tier.value };
  const key = readIdempotencyKey(incoming.headers['idempotency-key']);
  if (!key.ok) return sendFault(response, key.failure);
  const retryCount = readRetryCount(incoming.headers['x-stainless-retry-count']);
  if (retryCount !== undefined) {
    const fingerprint = JSON.stringify([request.tenant, request.route, bodyHash(request)]);
    context.probableRetries.see(fingerprint, retryCount, context.relay.clock.nowMs());
  }
  const options = {
    requestId: request.requestId,
    showProvenance: showsProvenance(context.provenance, 'headers'),
    writeStallMs: context.writeStallMs,
  };
  const client = new ResponseStream(response, options, context.relay.clock);
  const run = (answer: ClientAnswer): Promise<void> =>
    request.body.stream ? serveStream(context, answer, request) : serveWhole(context, answer, request);
  await (key.value === undefined ? run(client) : serveOnce(context, { key: key.value, bodyHash: bodyHash(request) }, request, client, run));
}

/** Stands for a body where the body itself must not be kept. */
function bodyHash({ body }: RelayRequest): string {
  return hash('sha256', body.bytes, 'base64url');
}

/** What a client is told when the gateway itself could not go on; the operator gets the whole story. */
function ownFault(context: GatewayContext, requestId: string, error: unknown): { readonly kind: 'failed'; readonly fault: Fault } {
  context.report(
    `${requestId}: ${error instanceof LedgerError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return { kind: 'failed', fault: { code: error instanceof LedgerError ? 'ledger_unavailable' : 'internal_error' } };
}

async function serveStream(context: GatewayContext, client: ClientAnswer, request: RelayRequest): Promise<void> {
  const outcome = await relayStream(request, client, context.relay).catch((error: unknown) => ({
    ...ownFault(context, request.requestId, error),
    committed: client.begun,
  }));
  if (outcome.kind === 'complete') client.end();
  if (outcome.kind !== 'failed') return;
  if (outcome.committed) client.fail(outcome.fault);
  else client.send(faultReply(outcome.fault, { 'x-request-id': request.requestId }));
}

async function serveWhole(context: GatewayContext, client: ClientAnswer, request: RelayRequest): Promise<void> {
  const outcome = await relayWhole(request, (run) => client.onGone(run), context.relay).catch((error: unknown) =>
    ownFault(context, request.requestId, error),
  );
  const headers = { 'x-request-id': request.requestId };
  if (outcome.kind === 'failed') client.send(faultReply(outcome.fault, headers));
  if (outcome.kind !== 'complete') return;
  client.send(
    jsonReply(200, outcome.body, { ...headers, ...(showsProvenance(context.provenance, 'headers') ? provenanceHeaders(outcome.provenance) : {}) }),
  );
}
