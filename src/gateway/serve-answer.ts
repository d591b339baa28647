import { admitRequest, type LimitDesk } from './admit-request.ts';
import { askedContinuation, continuationHeader } from './asked-continuation.ts';
import { errorCatalogue, type Fault } from '../std/error-catalogue.ts';
import { hash } from 'node:crypto';
import { explainHeader, explainValue } from './explain-header.ts';
import { answerReply, faultReply, jsonReply, provenanceLines, retryHeaders, sendReply } from './respond.ts';
import { limitLines } from './limit-lines.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { nothingSpent } from '../budget/reservation.ts';
import { readIdempotencyKey } from './idempotency/read-idempotency-key.ts';
import { readRetryCount } from './probable-retries.ts';
import { relayStream } from '../upstream/relay-stream.ts';
import { relayWhole, type WholeOutcome } from '../upstream/relay-whole.ts';
import { routeRequest, sloHeader } from './route-request.ts';
import { ResponseStream } from './response-stream.ts';
import { serveOnce } from './idempotency/serve-once.ts';
import { showsProvenance } from './shows-provenance.ts';
import { success } from '../std/result.ts';
import { TranslatedAnswer } from './translated-answer.ts';
import type { Explanation } from '../policy/choice/explain-choice.ts';
import type { AnswerDialect } from './answer-dialect.ts';
import type { LimitKinds } from '../budget/limits.ts';
import type { ClientAnswer, Reply } from './client-answer.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { ServerResponse } from '../http/server-response.ts';
import type { RelayRequest } from '../upstream/relay-request.ts';

/**
 * The second half of a request's path: dispatch, relay, respond; the ledger is written on the way. `dialect`: how the
 * client is told what comes, where it asked in another API than that of the route.
 */
export function serveAnswer(
  context: GatewayContext,
  incoming: HttpRequest,
  response: ServerResponse,
  given: RelayRequest,
  dialect?: AnswerDialect,
): Promise<void> {
  const { requestId } = given;
  const refusal = (fault: Fault): Reply => refusalOf(fault, requestId, dialect);
  const tier = askedContinuation(given.lowestTier, incoming.headers[continuationHeader]);
  if (!tier.ok) return refused(response, refusal(tier.failure));
  const routed = context.routing === undefined ? success(given) : routeRequest(context.routing, given, incoming.headers[sloHeader]);
  if (!routed.ok) return refused(response, refusal(routed.failure));
  let request = tier.value === given.lowestTier ? routed.value : { ...routed.value, lowestTier: tier.value };
  const key = readIdempotencyKey(incoming.headers['idempotency-key']);
  if (!key.ok) return refused(response, refusal(key.failure));
  const retryCount = readRetryCount(incoming.headers['x-stainless-retry-count']);
  if (retryCount !== undefined) {
    const fingerprint = JSON.stringify([request.tenant, request.api, bodyHash(request)]);
    const probableRetry = context.probableRetries.see(fingerprint, retryCount, context.relay.clock.nowMs());
    if (probableRetry) request = { ...request, probableRetry };
  }
  const showProvenance = showsProvenance(context.provenance, 'headers');
  const options = { requestId, showProvenance, writeStallMs: context.writeStallMs, headers: dialect?.headers };
  const client = new ResponseStream(response, options, context.relay.clock);
  if (showProvenance && incoming.headers[explainHeader] === '1') request = explained(context, request, client);
  const serving: Serving = { context, request, dialect };
  if (key.value === undefined) return run(serving, client, client);
  const words = { refusal, headers: dialect?.headers ?? {} };
  return serveOnce(context, { key: key.value, bodyHash: bodyHash(request) }, request, client, words, (answer) => run(serving, client, answer));
}

/** An error in the words of the client's API. */
function refusalOf(fault: Fault, requestId: string, dialect: AnswerDialect | undefined): Reply {
  const headers = { 'x-request-id': requestId };
  if (dialect === undefined) return faultReply(fault, headers);
  return jsonReply(errorCatalogue[fault.code].status, dialect.errorBody(fault), { ...retryHeaders(fault), ...headers, ...dialect.headers });
}

/** `answer` is where the answer goes, and `client` whoever asked for it. */
function run(serving: Serving, client: ResponseStream, answer: ClientAnswer): Promise<void> {
  const { limits } = serving.context;
  const kinds = limits?.keeper.kindsOf(serving.request);
  return limits === undefined || kinds === undefined ? serve(serving, answer) : serveHeld(serving, limits, kinds, client, answer);
}

async function refused(response: ServerResponse, reply: Reply): Promise<void> {
  sendReply(response, reply);
}

function serve(serving: Serving, answer: ClientAnswer): Promise<void> {
  return serving.request.body.stream ? serveStream(serving, answer) : serveWhole(serving, answer);
}

/** The same for a payer with limits: nothing is chosen or dispatched before all that it may use is reserved. */
async function serveHeld(serving: Serving, limits: LimitDesk, kinds: LimitKinds, client: ResponseStream, answer: ClientAnswer): Promise<void> {
  const { context, request, dialect } = serving;
  const { clock } = context.relay;
  const admitting = admitRequest(context.relay, limits, kinds, request);
  const admitted = admitting instanceof Promise ? await admitting : admitting;
  client.carry(limitLines(admitted.ok ? admitted.value.reservation.standing : admitted.failure.standing, request.api, clock.wallMs()));
  if (!admitted.ok) return answer.send(refusalOf(admitted.failure.fault, request.requestId, dialect));
  try {
    await serve({ context, request: admitted.value, dialect }, answer);
  } finally {
    // Nothing was charged where this is not settled yet: an answer without any attempt, or a failure of our own.
    admitted.value.reservation.settle(nothingSpent, clock.wallMs());
  }
}

interface Serving {
  readonly context: GatewayContext;
  readonly request: RelayRequest;
  readonly dialect: AnswerDialect | undefined;
}

/** The same request, whose choices are kept and told. */
function explained({ explained: kept, relay }: GatewayContext, request: RelayRequest, client: ResponseStream): RelayRequest {
  const onChosen = (explanation: Explanation): void => {
    kept.add(request.requestId, explanation, relay.clock.wallMs());
    // What led to the answer is what the last of them says.
    client.explain(`${explainHeader}: ${explainValue(explanation)}\r\n`);
  };
  return { ...request, onChosen };
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

async function serveStream({ context, request, dialect }: Serving, answer: ClientAnswer): Promise<void> {
  const client = dialect === undefined ? answer : new TranslatedAnswer(answer, dialect.stream());
  const outcome = await relayStream(request, client, context.relay).catch((error: unknown) => ({
    ...ownFault(context, request.requestId, error),
    committed: client.begun,
  }));
  if (outcome.kind === 'complete') client.end();
  if (outcome.kind !== 'failed') return;
  if (outcome.committed) client.fail(outcome.fault);
  else client.send(refusalOf(outcome.fault, request.requestId, dialect));
}

function serveWhole(serving: Serving, client: ClientAnswer): Promise<void> {
  const { context, request } = serving;
  return relayWhole(request, (whenGone) => client.onGone(whenGone), context.relay).then(
    (outcome) => sendWhole(serving, client, outcome),
    (error: unknown) => sendWhole(serving, client, ownFault(context, request.requestId, error)),
  );
}

function sendWhole({ context, request: { requestId }, dialect }: Serving, client: ClientAnswer, outcome: WholeOutcome): void {
  if (outcome.kind === 'failed') client.send(refusalOf(outcome.fault, requestId, dialect));
  if (outcome.kind !== 'complete') return;
  const lines = showsProvenance(context.provenance, 'headers') ? provenanceLines(outcome.provenance) : '';
  if (dialect === undefined) return client.send(answerReply(outcome.body, requestId, lines));
  const body = dialect.whole(outcome.body);
  if (!body.ok) return client.send(refusalOf(body.failure, requestId, dialect));
  client.send(jsonReply(200, body.value, { 'x-request-id': requestId, ...dialect.headers }, lines));
}
