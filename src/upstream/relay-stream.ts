import type { Candidate } from '../fleet/candidate.ts';
import { AttemptBook } from './attempt-book.ts';
import { nextTry, type NextTry } from './next-try.ts';
import { noteFirstContent, noteOutcome } from './note-outcome.ts';
import { StreamRelease } from './stream-release.ts';
import { StreamAttempt, type StreamEnd } from './stream-attempt.ts';
import { apartFirst } from '../policy/next-attempt.ts';
import { buildContinuationBody } from '../protocol/build-continuation-body.ts';
import { buildUpstreamBody } from '../protocol/build-upstream-body.ts';
import { chooseDeployments } from '../policy/choose-deployments.ts';
import { continuationTier } from '../policy/continuation-tier.ts';
import { sleep } from '../std/clock.ts';
import { abandoned, neverSent, type AttemptFailure } from '../policy/attempt-failure.ts';
import type { ClientStream, RelayDependencies, RelayRequest } from './relay-request.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { UpstreamRequest } from './transport.ts';

export type RelayOutcome =
  | { readonly kind: 'complete' }
  | { readonly kind: 'gone' }
  /** `committed`: the response's head was sent, so the failure must be told inside the stream. */
  | { readonly kind: 'failed'; readonly fault: Fault; readonly committed: boolean };

const paths = { chat: '/chat/completions', completions: '/completions', embeddings: '/embeddings' } as const;

export function upstreamPath(route: RelayRequest['route']): string {
  return paths[route];
}

/**
 * Serves one streamed answer: tries endpoints until one brings content, releases it as it comes, and when the
 * endpoint is lost goes on with another where that is honest. Ends with proof, or with a failure that says so.
 */
export async function relayStream(request: RelayRequest, client: ClientStream, deps: RelayDependencies): Promise<RelayOutcome> {
  return new StreamRelay(request, client, deps).run();
}

class StreamRelay {
  readonly #request: RelayRequest;
  readonly #client: ClientStream;
  readonly #deps: RelayDependencies;
  readonly #book: AttemptBook;
  readonly #release: StreamRelease;
  readonly #tried: Candidate[] = [];
  #attempt: StreamAttempt | undefined;
  #waitedMs = 0;
  #stopped: 'no' | 'gone' | 'expired' = 'no';

  constructor(request: RelayRequest, client: ClientStream, deps: RelayDependencies) {
    this.#request = request;
    this.#client = client;
    this.#deps = deps;
    this.#book = new AttemptBook(request, deps);
    this.#release = new StreamRelease(request, client, deps.clock);
  }

  async run(): Promise<RelayOutcome> {
    const { clock, limits } = this.#deps;
    this.#deps.retryBudget.request(clock.nowMs());
    this.#client.onGone(() => {
      this.#stopped = 'gone';
      this.#attempt?.abandon();
    });
    this.#client.onDrain(() => this.#attempt?.resume());
    const cancelTotal = clock.after(limits.totalTimeoutMs, () => {
      this.#stopped = 'expired';
      this.#attempt?.expire('the answer took longer than allowed in all');
    });
    const cancelHeartbeat = this.#release.keepAlive(limits.heartbeatMs);
    try {
      return await this.#tryInTurn();
    } finally {
      cancelTotal();
      cancelHeartbeat();
    }
  }

  async #tryInTurn(): Promise<RelayOutcome> {
    let failure: AttemptFailure | undefined;
    let fault: Fault = { code: 'upstream_unreachable' };
    while (this.#stopped === 'no') {
      const next = this.#next(failure);
      if (next.kind === 'nobody') {
        fault = next.fault ?? fault;
        break;
      }
      if (next.kind === 'wait') {
        this.#waitedMs += next.waitMs;
        await sleep(this.#deps.clock, next.waitMs);
        continue;
      }
      const { contextTokens } = next.candidate.deployment;
      if (this.#release.answer.begun && this.#release.answer.remainingTokens(contextTokens ?? 0) <= 0) {
        this.#release.completeAtLimit(this.#book.attempts);
        this.#book.charge('ok', this.#release.usage(), this.#release.answer.segments);
        return { kind: 'complete' };
      }
      const end = await this.#run(next.candidate);
      if (end.kind === 'complete') {
        this.#release.complete(end, this.#book.attempts);
        this.#book.charge('ok', this.#release.usage(), this.#release.answer.segments);
        return { kind: 'complete' };
      }
      if (end.kind === 'failed') {
        failure = end.failure;
        fault = failure.fault;
      }
    }
    return this.#giveUp(fault);
  }

  #giveUp(fault: Fault): RelayOutcome {
    const { answer } = this.#release;
    if (this.#stopped === 'gone') {
      if (this.#book.attempts > 0) this.#book.charge('client_closed', this.#release.usage(), answer.segments);
      return { kind: 'gone' };
    }
    const told: Fault = answer.begun ? { code: fault.code === 'upstream_timeout' ? 'upstream_timeout' : 'upstream_stream_error' } : fault;
    if (this.#book.attempts > 0) this.#book.charge(told.code, this.#release.usage(), answer.segments);
    return { kind: 'failed', fault: told, committed: this.#release.committed };
  }

  /** Whom to try now: before any content whoever fits; after it, only who can honestly continue. */
  #next(failure: AttemptFailure | undefined): NextTry {
    const { fleet, limits, nextTurn } = this.#deps;
    const history = { tried: this.#tried, lastFailure: failure, attemptsAllowed: limits.attemptsPerRequest, waitedMs: this.#waitedMs };
    if (!this.#release.answer.begun) return nextTry(this.#request, history, this.#deps);
    const choice = chooseDeployments(fleet.candidates(), { ...this.#request.demand, turn: nextTurn() });
    const candidate = choice.kind === 'candidates' ? this.#continuer(choice.candidates, failure) : undefined;
    return candidate === undefined ? { kind: 'nobody', fault: undefined } : { kind: 'candidate', candidate };
  }

  #continuer(candidates: readonly Candidate[], failure: AttemptFailure | undefined): Candidate | undefined {
    const from = this.#tried.at(-1);
    if (from === undefined || failure?.class === 'client-fault') return undefined;
    const { answer } = this.#release;
    const facts = answer.facts(this.#deps.limits.continuationsPerRequest);
    const others = candidates.filter(({ deployment }) => deployment.id !== from.deployment.id);
    return apartFirst(others, from).find((to) => continuationTier(facts, from, to).tier === 'token-ids');
  }

  async #run(candidate: Candidate): Promise<StreamEnd> {
    const { clock, fleet, transport, limits } = this.#deps;
    const { answer } = this.#release;
    const continues = answer.begun;
    if (continues) answer.continuations += 1;
    else answer.restart();
    const attemptId = await this.#book.open(candidate, continues ? 'continuation' : this.#tried.length === 0 ? 'first' : 'failover');
    this.#tried.push(candidate);
    // The client may have left, or time run out, while the row was written.
    if (this.#stopped !== 'no') {
      this.#book.failed(attemptId, neverSent, { ttftMs: undefined, durationMs: 0 });
      return { kind: 'abandoned' };
    }
    const startedMs = clock.nowMs();
    fleet.began(candidate.endpoint.id);
    const listener = this.#release.listen(attemptId, candidate, this.#book.attempts, startedMs);
    const attempt = new StreamAttempt(transport, candidate.endpoint, this.#upstreamRequest(candidate, continues), listener, clock, limits);
    this.#attempt = attempt;
    const end = await attempt.ended;
    fleet.ended(candidate.endpoint.id);
    const times = {
      ttftMs: attempt.firstContentMs === undefined ? undefined : attempt.firstContentMs - startedMs,
      durationMs: clock.nowMs() - startedMs,
    };
    this.#settle(attemptId, candidate, end, times);
    return end;
  }

  #settle(
    attemptId: string,
    candidate: Candidate,
    end: StreamEnd,
    times: { readonly ttftMs: number | undefined; readonly durationMs: number },
  ): void {
    if (times.ttftMs !== undefined) noteFirstContent(candidate, times.ttftMs, this.#deps);
    if (end.kind !== 'abandoned') noteOutcome(candidate, end.kind === 'failed' ? end.failure : undefined, this.#deps);
    const outcome = end.kind === 'complete' ? 'ok' : end.kind === 'failed' ? end.failure.fault.code : 'client_closed';
    const usage = this.#release.attemptUsage(attemptId, end);
    if (usage !== undefined) return this.#book.settled(attemptId, candidate, outcome, usage, times);
    this.#book.failed(attemptId, end.kind === 'failed' ? end.failure : abandoned, times);
  }

  #upstreamRequest(candidate: Candidate, continues: boolean): UpstreamRequest {
    const { body, route, choices, wantsTokenIds } = this.#request;
    const { endpoint, deployment } = candidate;
    if (!continues) {
      const askTokenIds = wantsTokenIds || (endpoint.tokenIds && choices === 1);
      return { method: 'POST', path: upstreamPath(route), body: buildUpstreamBody(body, deployment.upstreamModel, askTokenIds) };
    }
    const { answer } = this.#release;
    return {
      method: 'POST',
      path: upstreamPath('completions'),
      body: buildContinuationBody({
        bytes: body.bytes,
        scanned: body.scanned,
        upstreamModel: deployment.upstreamModel,
        promptTokenIds: answer.promptTokenIds ?? [],
        releasedTokenIds: answer.tokenIds,
        maxTokens: answer.remainingTokens(deployment.contextTokens ?? 0),
        seed: answer.seed,
      }),
    };
  }
}
