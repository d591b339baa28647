import type { Candidate } from '../fleet/candidate.ts';
import { AttemptBook } from './attempt-book.ts';
import { WholeAttempt, type WholeEnd } from './whole-attempt.ts';
import { buildUpstreamBody } from '../protocol/build-upstream-body.ts';
import { editChunk } from '../protocol/edit-chunk.ts';
import { guessOutputTokens } from './guess-output-tokens.ts';
import { nextTry } from './next-try.ts';
import { noteOutcome } from './note-outcome.ts';
import { provenanceOf, secondSourceJson, type AnswerSegment, type Provenance } from './provenance.ts';
import { sleep } from '../std/clock.ts';
import { upstreamPath } from './relay-stream.ts';
import { abandoned, neverSent, type AttemptFailure } from '../policy/attempt-failure.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { RelayDependencies, RelayRequest } from './relay-request.ts';
import type { TokenUsage } from '../ledger/ledger.ts';

export type WholeOutcome =
  | { readonly kind: 'complete'; readonly body: Uint8Array; readonly provenance: Provenance }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly fault: Fault };

/**
 * Serves one answer that is not streamed. Nothing is released before it is whole, so a lost endpoint costs time only:
 * the next one starts over.
 */
export async function relayWhole(request: RelayRequest, onGone: (run: () => void) => void, deps: RelayDependencies): Promise<WholeOutcome> {
  return new WholeRelay(request, deps).run(onGone);
}

const nothingUsed: TokenUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, source: 'counted' };

class WholeRelay {
  readonly #request: RelayRequest;
  readonly #deps: RelayDependencies;
  readonly #book: AttemptBook;
  readonly #tried: Candidate[] = [];
  #attempt: WholeAttempt | undefined;
  #stopped: 'no' | 'gone' | 'expired' = 'no';

  constructor(request: RelayRequest, deps: RelayDependencies) {
    this.#request = request;
    this.#deps = deps;
    this.#book = new AttemptBook(request, deps);
  }

  async run(onGone: (run: () => void) => void): Promise<WholeOutcome> {
    this.#deps.retryBudget.request(this.#deps.clock.nowMs());
    onGone(() => {
      this.#stopped = 'gone';
      this.#attempt?.abandon();
    });
    const cancelTotal = this.#deps.clock.after(this.#deps.limits.totalTimeoutMs, () => {
      this.#stopped = 'expired';
      this.#attempt?.expire('the answer took longer than allowed in all');
    });
    try {
      return await this.#tryInTurn();
    } finally {
      cancelTotal();
    }
  }

  async #tryInTurn(): Promise<WholeOutcome> {
    let failure: AttemptFailure | undefined;
    let fault: Fault = { code: 'upstream_unreachable' };
    let waitedMs = 0;
    while (this.#stopped === 'no') {
      const history = { tried: this.#tried, lastFailure: failure, attemptsAllowed: this.#deps.limits.attemptsPerRequest, waitedMs };
      const next = nextTry(this.#request, history, this.#deps);
      if (next.kind === 'nobody') {
        fault = next.fault ?? fault;
        break;
      }
      if (next.kind === 'wait') {
        waitedMs += next.waitMs;
        await sleep(this.#deps.clock, next.waitMs);
        continue;
      }
      const tried = await this.#try(next.candidate);
      if (tried.kind === 'complete') return tried.outcome;
      failure = tried.failure;
      fault = failure.fault;
    }
    const outcome = this.#stopped === 'gone' ? 'client_closed' : fault.code;
    if (this.#book.attempts > 0) this.#book.charge(outcome, nothingUsed, []);
    return this.#stopped === 'gone' ? { kind: 'gone' } : { kind: 'failed', fault };
  }

  async #try(
    candidate: Candidate,
  ): Promise<{ readonly kind: 'complete'; readonly outcome: WholeOutcome } | { readonly kind: 'failed'; readonly failure: AttemptFailure }> {
    const { clock, fleet, limits, transport } = this.#deps;
    const attemptId = await this.#book.open(candidate, this.#tried.length === 0 ? 'first' : 'failover');
    this.#tried.push(candidate);
    // The client may have left, or time run out, while the row was written.
    if (this.#stopped !== 'no') {
      this.#book.failed(attemptId, neverSent, { ttftMs: undefined, durationMs: 0 });
      return { kind: 'failed', failure: neverSent };
    }
    const startedMs = clock.nowMs();
    fleet.began(candidate.endpoint.id);
    const body = buildUpstreamBody(this.#request.body, candidate.deployment.upstreamModel, this.#request.wantsTokenIds);
    this.#attempt = new WholeAttempt(
      transport,
      candidate.endpoint,
      { method: 'POST', path: upstreamPath(this.#request.route), body },
      this.#request.route,
      limits,
    );
    const end = await this.#attempt.ended;
    fleet.ended(candidate.endpoint.id);
    const durationMs = clock.nowMs() - startedMs;
    if (end.kind === 'complete') {
      noteOutcome(candidate, undefined, this.#deps);
      return { kind: 'complete', outcome: completed(this.#request, candidate, attemptId, end, this.#book, startedMs, durationMs) };
    }
    const failure = end.kind === 'failed' ? end.failure : abandoned;
    if (end.kind === 'failed') noteOutcome(candidate, failure, this.#deps);
    this.#book.failed(attemptId, failure, { ttftMs: undefined, durationMs });
    return { kind: 'failed', failure };
  }
}

function completed(
  request: RelayRequest,
  candidate: Candidate,
  attemptId: string,
  end: Extract<WholeEnd, { kind: 'complete' }>,
  book: AttemptBook,
  startedMs: number,
  durationMs: number,
): WholeOutcome {
  const { usage } = end;
  const known: TokenUsage =
    usage === undefined
      ? { inputTokens: request.estimatedInputTokens, cachedInputTokens: 0, outputTokens: guessOutputTokens(end.characters), source: 'reserve' }
      : { ...usage, source: 'upstream' };
  const segment: AnswerSegment = { attemptId, candidate, outputTokens: known.outputTokens, characters: end.characters, gapMs: undefined };
  const overheadMs = startedMs - request.receivedAtMs;
  book.settled(attemptId, candidate, 'ok', known, { ttftMs: undefined, durationMs });
  book.charge('ok', known, [segment]);
  const body = editChunk(end.body, {
    model: candidate.deployment.upstreamModel === request.model ? undefined : request.model,
    dropTokenIds: !request.wantsTokenIds,
    dropUsage: false,
    secondSource: secondSourceJson(request.requestId, book.attempts, overheadMs, [segment]),
  });
  return { kind: 'complete', body, provenance: provenanceOf(candidate, book.attempts, overheadMs, undefined) };
}
