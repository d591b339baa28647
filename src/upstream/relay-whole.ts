import { AttemptLoop, type LoopEnd, type LoopParts, type Try } from './attempt-loop.ts';
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
export function relayWhole(request: RelayRequest, onGone: (run: () => void) => void, deps: RelayDependencies): Promise<WholeOutcome> {
  return new WholeRelay(request, deps).run(onGone);
}

class WholeRelay implements LoopParts<WholeDone> {
  readonly #request: RelayRequest;
  readonly #deps: RelayDependencies;
  readonly #loop: AttemptLoop<WholeDone>;

  constructor(request: RelayRequest, deps: RelayDependencies) {
    this.#request = request;
    this.#deps = deps;
    this.#loop = new AttemptLoop(request, deps, this);
  }

  run(onGone: (run: () => void) => void): Promise<WholeOutcome> {
    return new Promise((resolve, reject) => this.#loop.run(onGone, (end) => resolve(this.#concluded(end)), reject));
  }

  #concluded(end: LoopEnd<WholeDone>): WholeOutcome {
    const { book } = this.#loop;
    if (end.kind === 'complete') {
      const { by, done } = end;
      const usage = end.usage ?? nothingUsed;
      const segment: AnswerSegment = {
        attemptId: by.attemptId,
        candidate: by.candidate,
        outputTokens: usage.outputTokens,
        characters: done.answer.characters,
        saidCharacters: done.answer.saidCharacters,
        continuedBy: undefined,
        gapMs: undefined,
      };
      book.charge('ok', usage, [segment]);
      return completed(this.#request, by, done, segment, book.attempts);
    }
    const fault: Fault = end.kind === 'failed' ? end.fault : { code: 'client_closed' };
    if (book.attempts > 0) book.charge(fault.code, nothingUsed, []);
    return end.kind === 'failed' ? { kind: 'failed', fault } : { kind: 'gone' };
  }

  begun(): boolean {
    return false;
  }

  continuer(): undefined {
    return undefined;
  }

  isAtLimit(): boolean {
    return false;
  }

  isEmpty({ answer }: WholeDone): boolean {
    return answer.isEmptyStop;
  }

  usageOf(_attemptId: string, end: WholeEnd): TokenUsage | undefined {
    return usageOf(this.#request, end);
  }

  start({ attemptId, candidate: { endpoint, deployment }, again }: Try, ended: (end: WholeEnd) => void): WholeAttempt {
    const { body: given, route, wantsTokenIds, tenantMark } = this.#request;
    const { transport, clock, limits } = this.#deps;
    const body = buildUpstreamBody(given, deployment.upstreamModel, wantsTokenIds, fittingTo(endpoint, given, tenantMark));
    const asked = { endpoint, request: { method: 'POST', path: upstreamPath(route), body, onFreshConnection: again, attemptId }, route } as const;
    // Whoever runs beside one that is complete has lost.
    const told = (end: WholeEnd): void => {
      if (end.kind === 'complete') this.#loop.wins(attemptId);
      ended(end);
    };
    return new WholeAttempt(asked, told, transport, clock, limits);
  }
}

/** What an endpoint told and can be believed; of a whole answer without it, a guess that the ledger marks as one. */
function usageOf(request: RelayRequest, end: WholeEnd): TokenUsage | undefined {
  const reported = end.kind === 'complete' ? end.done.answer.usage : end.kind === 'abandoned' ? end.usage : undefined;
  const believed = reported === undefined ? undefined : believedUsage(reported, undefined, allowedTokens(request));
  if (believed !== undefined) return { ...believed, source: 'upstream' };
  if (end.kind !== 'complete') return undefined;
  return {
    inputTokens: request.estimatedInputTokens,
    cachedInputTokens: 0,
    outputTokens: guessOutputTokens(end.done.answer.saidCharacters),
    source: 'reserve',
  };
}

function allowedTokens({ maxTokens, choices }: RelayRequest): number | undefined {
  return maxTokens === undefined ? undefined : maxTokens * choices;
}

function completed(request: RelayRequest, by: Try, { answer, body: given }: WholeDone, segment: AnswerSegment, attempts: number): WholeOutcome {
  const overheadMs = by.startedMs - request.receivedAtMs;
  const { model: answering } = by.candidate.deployment;
  const model = answer.model === undefined || answer.model === answering ? undefined : answering;
  const dropTokenIds = answer.tellsIds && !request.wantsTokenIds;
  const secondSource = request.hidesSecondSource === true ? undefined : secondSourceJson(request.requestId, attempts, overheadMs, [segment]);
  // Most answers need nothing but our own member behind theirs, for which they need not be looked through again.
  const passes = model === undefined && !dropTokenIds && !answer.tellsSource;
  const body = passes ? appendMembers(given, [['second_source', secondSource]]) : editChunk(given, { model, dropTokenIds, secondSource });
  return { kind: 'complete', body, provenance: provenanceOf(by.candidate, attempts, overheadMs, undefined) };
}
