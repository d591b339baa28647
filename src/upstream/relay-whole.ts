import { AttemptLoop, type Try } from './attempt-loop.ts';
import { WholeAttempt, type WholeDone, type WholeEnd } from './whole-attempt.ts';
import { appendMembers } from '../protocol/append-members.ts';
import { buildUpstreamBody } from '../protocol/build-upstream-body.ts';
import { believedUsage } from './believed-usage.ts';
import { editChunk } from '../protocol/edit-chunk.ts';
import { guessOutputTokens } from './guess-output-tokens.ts';
import { provenanceOf, secondSourceJson, type AnswerSegment, type Provenance } from './provenance.ts';
import { fittingTo } from './fitting-to.ts';
import { upstreamPath } from './upstream-path.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { RelayDependencies, RelayRequest } from './relay-request.ts';
import type { TokenUsage } from '../ledger/ledger.ts';

export type WholeOutcome =
  | { readonly kind: 'complete'; readonly body: Uint8Array; readonly provenance: Provenance }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly fault: Fault };

const nothingUsed: TokenUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, source: 'counted' };

/**
 * Serves one answer that is not streamed. Nothing is released before it is whole, so a lost endpoint costs time only:
 * the next one starts over.
 */
export async function relayWhole(request: RelayRequest, onGone: (run: () => void) => void, deps: RelayDependencies): Promise<WholeOutcome> {
  const loop = new AttemptLoop<WholeDone>(request, deps, {
    begun: () => false,
    continuer: () => undefined,
    isAtLimit: () => false,
    isEmpty: (_attempt, { isEmptyStop }) => isEmptyStop,
    start: (tried) => startWhole(request, tried, deps, () => loop.wins(tried.attemptId)),
    usageOf: (_attemptId, end) => usageOf(request, end),
  });
  const end = await loop.run(onGone);
  const { book } = loop;
  if (end.kind === 'complete') {
    const usage = usageOf(request, end) ?? nothingUsed;
    const segment: AnswerSegment = {
      attemptId: end.by.attemptId,
      candidate: end.by.candidate,
      outputTokens: usage.outputTokens,
      characters: end.done.characters,
      saidCharacters: end.done.saidCharacters,
      continuedBy: undefined,
      gapMs: undefined,
    };
    book.charge('ok', usage, [segment]);
    return completed(request, end.by, end.done, segment, book.attempts);
  }
  const fault: Fault = end.kind === 'failed' ? end.fault : { code: 'client_closed' };
  if (book.attempts > 0) book.charge(fault.code, nothingUsed, []);
  return end.kind === 'failed' ? { kind: 'failed', fault } : { kind: 'gone' };
}

function startWhole(request: RelayRequest, { attemptId, candidate, again }: Try, deps: RelayDependencies, onComplete: () => void): WholeAttempt {
  const { endpoint, deployment } = candidate;
  const body = buildUpstreamBody(
    request.body,
    deployment.upstreamModel,
    request.wantsTokenIds,
    fittingTo(endpoint, request.body, request.tenantMark),
  );
  const asked = {
    endpoint,
    request: { method: 'POST', path: upstreamPath(request.route), body, onFreshConnection: again, attemptId },
    route: request.route,
  } as const;
  return new WholeAttempt(asked, onComplete, deps.transport, deps.clock, deps.limits);
}

/** What an endpoint told and can be believed; of a whole answer without it, a guess that the ledger marks as one. */
function usageOf(request: RelayRequest, end: WholeEnd): TokenUsage | undefined {
  const reported = end.kind === 'complete' ? end.done.usage : end.kind === 'abandoned' ? end.usage : undefined;
  const believed = reported === undefined ? undefined : believedUsage(reported, undefined, allowedTokens(request));
  if (believed !== undefined) return { ...believed, source: 'upstream' };
  if (end.kind !== 'complete') return undefined;
  return {
    inputTokens: request.estimatedInputTokens,
    cachedInputTokens: 0,
    outputTokens: guessOutputTokens(end.done.saidCharacters),
    source: 'reserve',
  };
}

function allowedTokens({ maxTokens, choices }: RelayRequest): number | undefined {
  return maxTokens === undefined ? undefined : maxTokens * choices;
}

function completed(request: RelayRequest, by: Try, done: WholeDone, segment: AnswerSegment, attempts: number): WholeOutcome {
  const overheadMs = by.startedMs - request.receivedAtMs;
  const { model: answering } = by.candidate.deployment;
  const model = done.model === undefined || done.model === answering ? undefined : answering;
  const dropTokenIds = done.tellsIds && !request.wantsTokenIds;
  const secondSource = request.hidesSecondSource === true ? undefined : secondSourceJson(request.requestId, attempts, overheadMs, [segment]);
  // Most answers need nothing but our own member behind theirs, for which they need not be looked through again.
  const passes = model === undefined && !dropTokenIds && !done.tellsSource;
  const body = passes ? appendMembers(done.body, [['second_source', secondSource]]) : editChunk(done.body, { model, dropTokenIds, secondSource });
  return { kind: 'complete', body, provenance: provenanceOf(by.candidate, attempts, overheadMs, undefined) };
}
