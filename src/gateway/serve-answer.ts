import { admitRequest, type Admitted } from './admit-request.ts';
import { AnswerWords } from './answer-words.ts';
import { askedContinuation, continuationHeader } from './asked-continuation.ts';
import { hash } from 'node:crypto';
import { explainHeader, explainValue } from './explain-header.ts';
import { limitLines } from './limit-lines.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { nothingSpent } from '../budget/reservation.ts';
import { readIdempotencyKey } from './idempotency/read-idempotency-key.ts';
import { readRetryCount } from './probable-retries.ts';
import { relayStream, type RelayOutcome } from '../upstream/relay-stream.ts';
import { relayWhole, type WholeOutcome } from '../upstream/relay-whole.ts';
import { routeRequest, sloHeader } from './route-request.ts';
import { ResponseStream } from './response-stream.ts';
import { sendReply } from './respond.ts';
import { serveOnce } from './idempotency/serve-once.ts';
import { showsProvenance } from './shows-provenance.ts';
import { success } from '../std/result.ts';
import { TranslatedAnswer } from './translated-answer.ts';
import type { Explanation } from '../policy/choice/explain-choice.ts';
import type { AnswerDialect } from './answer-dialect.ts';
import type { ClientAnswer } from './client-answer.ts';
import type { Fault } from '../std/error-catalogue.ts';
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
): Promise<void> | void {
  const { headers } = incoming;
  const words = new AnswerWords(given.requestId, dialect);
  const tier = askedContinuation(given.lowestTier, headers[continuationHeader]);
  if (!tier.ok) return sendReply(response, words.refusal(tier.failure));
  const routed = context.routing === undefined ? success(given) : routeRequest(context.routing, given, headers[sloHeader]);
  if (!routed.ok) return sendReply(response, words.refusal(routed.failure));
  let request = tier.value === given.lowestTier ? routed.value : { ...routed.value, lowestTier: tier.value };
  const key = readIdempotencyKey(headers['idempotency-key']);
  if (!key.ok) return sendReply(response, words.refusal(key.failure));
  const retryCount = readRetryCount(headers['x-stainless-retry-count']);
  if (retryCount !== undefined) {
    const fingerprint = JSON.stringify([request.tenant, request.api, bodyHash(request)]);
    const probableRetry = context.probableRetries.see(fingerprint, retryCount, context.relay.clock.nowMs());
    if (probableRetry) request = { ...request, probableRetry };
  }
  const showProvenance = showsProvenance(context.provenance, 'headers');
  const options = { requestId: given.requestId, showProvenance, writeStallMs: context.writeStallMs, headers: dialect?.headers };
  const client = new ResponseStream(response, options, context.relay.clock);
  if (headers[explainHeader] === '1' && showProvenance) request = explained(context, request, client);
  const serving: Serving = { context, request, dialect, words, client };
  if (key.value === undefined) return serveWithinLimits(serving, client);
  const run = (answer: ClientAnswer): Promise<void> | void => serveWithinLimits(serving, answer);
  return serveOnce(context, { key: key.value, bodyHash: bodyHash(request) }, request, client, words, run);
}

/** For a payer with limits nothing is chosen or dispatched before all that it may use is reserved. */
function serveWithinLimits(serving: Serving, answer: ClientAnswer): Promise<void> | void {
  const { context, request } = serving;
  const { limits } = context;
  const kinds = limits?.keeper.kindsOf(request);
  if (limits === undefined || kinds === undefined) return serve(serving, request, answer);
  const admitting = admitRequest(context.relay, limits, kinds, request);
  if (admitting instanceof Promise) return admitting.then((admitted) => serveAdmitted(serving, admitted, answer));
  return serveAdmitted(serving, admitting, answer);
}

function serveAdmitted(serving: Serving, admitted: Admitted, answer: ClientAnswer): Promise<void> | void {
  const { context, request, words, client } = serving;
  const standing = admitted.ok ? admitted.value.reservation.standing : admitted.failure.standing;
  if (standing !== undefined) client.carry(limitLines(standing, request.api, context.relay.clock.wallMs()));
  return admitted.ok ? serve(serving, admitted.value, answer) : answer.send(words.refusal(admitted.failure.fault));
}

function serve(serving: Serving, request: RelayRequest, answer: ClientAnswer): Promise<void> {
  return request.body.stream ? serveStream(serving, request, answer) : serveWhole(serving, request, answer);
}

interface Serving {
  readonly context: GatewayContext;
  /** As it was before anything was reserved for it. */
  readonly request: RelayRequest;
  readonly dialect: AnswerDialect | undefined;
  readonly words: AnswerWords;
  /** Its own client's connection, which the answer goes to at once or by a recording. */
  readonly client: ResponseStream;
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

/** Nothing was charged where this is not settled yet: an answer without any attempt, or a failure of our own. */
function release({ reservation }: RelayRequest, { relay }: GatewayContext): void {
  reservation?.settle(nothingSpent, relay.clock.wallMs());
}

async function serveStream({ context, dialect, words }: Serving, request: RelayRequest, answer: ClientAnswer): Promise<void> {
  const client = dialect === undefined ? answer : new TranslatedAnswer(answer, dialect.stream());
  let outcome: RelayOutcome;
  try {
    outcome = await relayStream(request, client, context.relay);
  } catch (error) {
    outcome = { ...ownFault(context, request.requestId, error), committed: client.begun };
  } finally {
    release(request, context);
  }
  if (outcome.kind === 'complete') client.end();
  if (outcome.kind !== 'failed') return;
  if (outcome.committed) client.fail(outcome.fault);
  else client.send(words.refusal(outcome.fault));
}

async function serveWhole({ context, words }: Serving, request: RelayRequest, client: ClientAnswer): Promise<void> {
  let outcome: WholeOutcome;
  try {
    outcome = await relayWhole(request, client, context.relay);
  } catch (error) {
    outcome = ownFault(context, request.requestId, error);
  } finally {
    release(request, context);
  }
  if (outcome.kind === 'failed') client.send(words.refusal(outcome.fault));
  if (outcome.kind !== 'complete') return;
  client.send(words.whole(outcome.body, showsProvenance(context.provenance, 'headers') ? outcome.provenance : undefined));
}
