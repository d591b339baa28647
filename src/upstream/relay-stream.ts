import { apartFirst } from '../policy/next-attempt.ts';
import { AttemptLoop, type LoopEnd, type LoopParts, type Try } from './attempt-loop.ts';
import { buildContinuationBody } from '../protocol/build-continuation-body.ts';
import { buildPrefillBody } from '../protocol/build-prefill-body.ts';
import { buildUpstreamBody } from '../protocol/build-upstream-body.ts';
import { continuationTier, type ContinuationTier } from '../policy/continuation-tier.ts';
import { ContinuedText } from './continued-text.ts';
import { StreamAttempt, type StreamDone, type StreamEnd } from './stream-attempt.ts';
import { StreamRelease } from './stream-release.ts';
import { cacheSaltFor, fittingTo } from './fitting-to.ts';
import { upstreamPath } from './upstream-path.ts';
import type { Continuing } from './writing.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { ClientStream, RelayDependencies, RelayRequest } from './relay-request.ts';
import type { TokenUsage } from '../ledger/ledger.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { UpstreamRequest } from './transport.ts';

export type RelayOutcome =
  | { readonly kind: 'complete' }
  | { readonly kind: 'gone' }
  /** `committed`: the response's head was sent, so the failure must be told inside the stream. */
  | { readonly kind: 'failed'; readonly fault: Fault; readonly committed: boolean };

type Tier = Exclude<ContinuationTier, { readonly tier: 'none' }>;

/**
 * Serves one streamed answer: tries endpoints until one brings content, releases it as it comes, and when the
 * endpoint is lost goes on with another where that is honest. Ends with proof, or with a failure that says so.
 */
export function relayStream(request: RelayRequest, client: ClientStream, deps: RelayDependencies): Promise<RelayOutcome> {
  return new StreamRelay(request, client, deps).run();
}

class StreamRelay implements LoopParts<StreamDone> {
  readonly #request: RelayRequest;
  readonly #client: ClientStream;
  readonly #deps: RelayDependencies;
  readonly #release: StreamRelease;
  readonly #loop: AttemptLoop<StreamDone>;
  /** Those under way: whichever is paused for a slow client goes on when it reads again. */
  readonly #attempts = new Set<StreamAttempt>();

  constructor(request: RelayRequest, client: ClientStream, deps: RelayDependencies) {
    this.#request = request;
    this.#client = client;
    this.#deps = deps;
    this.#release = new StreamRelease(request, client, deps.clock, deps.limits.holdBytes, (attemptId) => this.#loop.wins(attemptId));
    this.#loop = new AttemptLoop(request, deps, this);
  }

  async run(): Promise<RelayOutcome> {
    this.#client.onDrain(() => {
      for (const attempt of this.#attempts) attempt.resume();
    });
    const cancelHeartbeat = this.#release.keepAlive(this.#deps.limits.heartbeatMs, () => this.#noteProgress());
    try {
      return await new Promise((resolve, reject) =>
        this.#loop.run(
          (run) => this.#client.onGone(run),
          (end) => resolve(this.#concluded(end)),
          reject,
        ),
      );
    } finally {
      cancelHeartbeat();
    }
  }

  #noteProgress(): void {
    const segment = this.#release.answer.segments.at(-1);
    const usage = segment === undefined ? undefined : this.#release.attemptUsage(segment.attemptId, { kind: 'abandoned', usage: undefined });
    if (segment !== undefined && usage !== undefined) this.#loop.book.noteProgress(segment.attemptId, segment.candidate, usage);
  }

  /** Tells the client and the ledger how the answer ended. */
  #concluded(end: LoopEnd<StreamDone>): RelayOutcome {
    const { book } = this.#loop;
    if (end.kind === 'complete') this.#release.complete(end.done, end.by.attemptId, book.attempts);
    if (end.kind === 'at-limit') this.#release.completeEarly('length', book.attempts);
    const outcome = end.kind === 'failed' ? this.#told(end.fault).code : end.kind === 'gone' ? 'client_closed' : 'ok';
    if (book.attempts > 0) book.charge(outcome, this.#release.usage(), this.#release.answer.segments);
    if (end.kind === 'failed') return { kind: 'failed', fault: this.#told(end.fault), committed: this.#release.committed };
    return { kind: end.kind === 'gone' ? 'gone' : 'complete' };
  }

  #told(fault: Fault): Fault {
    if (!this.#release.answer.begun) return fault;
    return { code: fault.code === 'upstream_timeout' ? 'upstream_timeout' : 'upstream_stream_error' };
  }

  begun(): boolean {
    return this.#release.answer.begun;
  }

  isAtLimit({ deployment }: Candidate): boolean {
    const { answer } = this.#release;
    return answer.begun && answer.remainingTokens(deployment.contextTokens) <= 0;
  }

  isEmpty({ finish }: StreamDone, firstContentMs: number | undefined): boolean {
    return firstContentMs === undefined && !this.begun() && finish?.facts.finishReason === 'stop';
  }

  usageOf(attemptId: string, end: StreamEnd): TokenUsage | undefined {
    return this.#release.attemptUsage(attemptId, end);
  }

  continuer(candidates: readonly Candidate[], failure: AttemptFailure | undefined): Candidate | undefined {
    const from = this.#release.answer.segments.at(-1)?.candidate;
    if (from === undefined || failure?.class === 'client-fault') return undefined;
    const others = apartFirst(
      candidates.filter(({ deployment }) => deployment.id !== from.deployment.id),
      from,
    );
    const tiers = others.map((to) => ({ to, tier: this.#tier(from, to) }));
    // The very ids before the text, whoever is nearer.
    return tiers.find(({ tier }) => tier.tier === 'token-ids')?.to ?? tiers.find(({ tier }) => tier.tier === 'prefill')?.to;
  }

  #tier(from: Candidate, to: Candidate): ContinuationTier {
    return continuationTier(this.#release.answer.facts(this.#deps.limits.continuationsPerRequest), from, to);
  }

  start(tried: Try, ended: (end: StreamEnd) => void): StreamAttempt {
    const { clock, transport, limits } = this.#deps;
    const { answer } = this.#release;
    const { endpoint } = tried.candidate;
    const tier = this.#tierOf(tried);
    if (tier !== undefined) answer.continuations += 1;
    const continuing: Continuing | undefined = tier && {
      by: tier.tier === 'prefill' ? 'prefill' : tier.exact ? 'exact' : 'token-ids',
      text: new ContinuedText(answer.text, tier.tier === 'prefill' && endpoint.prefill?.repeats === true, this.#request.stops),
    };
    const asked = {
      endpoint,
      request: { ...(tier === undefined ? this.#firstRequest(tried) : this.#continuation(tried.candidate, tier)), attemptId: tried.attemptId },
      route: tier === undefined ? this.#route : tier.tier === 'prefill' ? ('chat' as const) : ('completions' as const),
      choices: this.#request.choices,
      newCallId: (index: number) => `call_${this.#request.requestId}_${index}`,
    };
    const attempt = new StreamAttempt(asked, this.#release.listen(tried, continuing), transport, clock, limits);
    this.#attempts.add(attempt);
    void attempt.ended.then((end) => {
      this.#attempts.delete(attempt);
      ended(end);
    });
    return attempt;
  }

  get #route(): 'chat' | 'completions' {
    return this.#request.route === 'chat' ? 'chat' : 'completions';
  }

  #tierOf({ candidate }: Try): Tier | undefined {
    const from = this.#release.answer.segments.at(-1)?.candidate;
    const tier = from === undefined ? undefined : this.#tier(from, candidate);
    return tier === undefined || tier.tier === 'none' ? undefined : tier;
  }

  #firstRequest({ candidate: { endpoint, deployment }, again }: Try): UpstreamRequest {
    const { body, route, choices, wantsTokenIds, tenantMark } = this.#request;
    const askTokenIds = wantsTokenIds || (endpoint.tokenIds && choices === 1);
    const upstreamBody = buildUpstreamBody(body, deployment.upstreamModel, askTokenIds, fittingTo(endpoint, body, tenantMark));
    return { method: 'POST', path: upstreamPath(route), body: upstreamBody, onFreshConnection: again };
  }

  #continuation({ endpoint, deployment }: Candidate, tier: Tier): UpstreamRequest {
    const { bytes, scanned } = this.#request.body;
    const { answer } = this.#release;
    const { upstreamModel, contextTokens } = deployment;
    if (tier.tier === 'prefill') {
      const { form } = endpoint.prefill ?? { form: 'trailing-assistant' };
      const fitting = fittingTo(endpoint, this.#request.body, this.#request.tenantMark);
      const maxTokens = answer.remainingByLimit;
      const body = buildPrefillBody({ bytes, scanned, upstreamModel, form, releasedText: answer.text, maxTokens, fitting });
      return { method: 'POST', path: upstreamPath('chat'), body };
    }
    const body = buildContinuationBody({
      bytes,
      scanned,
      upstreamModel,
      promptTokenIds: answer.promptTokenIds ?? [],
      releasedTokenIds: answer.tokenIds,
      maxTokens: answer.remainingTokens(contextTokens),
      seed: answer.seed,
      cacheSalt: cacheSaltFor(endpoint, this.#request.tenantMark),
    });
    return { method: 'POST', path: upstreamPath('completions'), body };
  }
}
