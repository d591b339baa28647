import { priceUsage } from '../ledger/price-usage.ts';
import { billWithin, type Bill } from '../budget/bill-within.ts';
import { isCharged } from '../ledger/charged-outcome.ts';
import { nothingSpent, type Spent } from '../budget/reservation.ts';
import { toNanoUsd } from '../budget/nano-usd.ts';
import type { AttemptOpened, TokenUsage } from '../ledger/ledger.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { Candidate } from '../fleet/candidate.ts';
import { segmentTokens, type AnswerSegment } from './provenance.ts';
import type { Price } from '../fleet/deployment.ts';
import type { RelayDependencies, RelayRequest } from './relay-request.ts';

/** How long an attempt took, on the monotonic clock. */
export interface AttemptTimes {
  readonly ttftMs: number | undefined;
  readonly durationMs: number;
}

/** The ledger's side of one request: an open row before each dispatch, a closing one after, and one charge. */
export class AttemptBook {
  readonly #request: RelayRequest;
  readonly #deps: RelayDependencies;
  #attempts = 0;
  #last: Candidate | undefined;
  /** Of a request that brings no answer: who may bill it all the same, and for what. */
  #unanswered: { readonly candidate: Candidate; readonly usage: TokenUsage } | undefined;

  constructor(request: RelayRequest, deps: RelayDependencies) {
    this.#request = request;
    this.#deps = deps;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** The attempt's id, and what resolves once its row is in the operating system's hands. */
  open(candidate: Candidate, reason: AttemptOpened['reason']): { readonly attemptId: string; readonly written: Promise<void> } {
    const { silicon } = candidate.endpoint;
    const attemptId = this.#deps.newId();
    this.#attempts += 1;
    this.#last = candidate;
    const written = this.#deps.ledger.openAttempt({
      attemptId,
      requestId: this.#request.requestId,
      ordinal: this.#attempts,
      reason,
      tenant: this.#request.tenant,
      keyId: this.#request.keyId,
      route: this.#request.api,
      model: candidate.deployment.model,
      deploymentId: candidate.deployment.id,
      endpointId: candidate.endpoint.id,
      vendor: silicon.vendor,
      chip: silicon.chip,
      evidence: silicon.evidence,
      openedAtWallMs: this.#deps.clock.wallMs(),
      reservedInputTokens: this.#request.estimatedInputTokens,
      reservedOutputTokens: this.#request.maxTokens ?? candidate.deployment.contextTokens ?? 0,
    });
    return { attemptId, written };
  }

  /** What a running attempt has brought so far: should this process die, nobody else would know (fault 88). */
  noteProgress(attemptId: string, candidate: Candidate, usage: TokenUsage): void {
    this.#deps.ledger.noteProgress({ attemptId, usage, costUsd: this.usdOf(usage, candidate) });
  }

  settled(attemptId: string, candidate: Candidate, outcome: string, usage: TokenUsage, times: AttemptTimes): void {
    this.#unanswered = { candidate, usage };
    const costUsd = this.usdOf(usage, candidate);
    const { ttftMs, durationMs } = inMicroseconds(times);
    this.#deps.ledger.closeAttempt({ attemptId, state: 'S', outcome, usage, costUsd, ttftMs, durationMs });
  }

  /** An attempt that produced nothing to keep: void where it cannot have been computed, else unknown until billed. */
  failed(attemptId: string, failure: AttemptFailure, times: AttemptTimes): void {
    const state = failure.class === 'maybe-executed' || failure.mayBeBilled === true ? 'U' : 'V';
    if (state === 'U' && this.#last !== undefined) this.#unanswered ??= { candidate: this.#last, usage: promptOf(this.#request) };
    const { ttftMs, durationMs } = inMicroseconds(times);
    this.#deps.ledger.closeAttempt({ attemptId, state, outcome: failure.fault.code, usage: undefined, costUsd: undefined, ttftMs, durationMs });
  }

  /**
   * The one charge: the prompt once, at the first segment's price, and each segment's tokens at its own. What our
   * own failure left incomplete is charged nothing; what it cost stands on the attempts. A client that left before
   * anything was said is charged what its endpoint told, or the prompt: nothing would be an invitation (fault 80).
   */
  charge(outcome: string, usage: TokenUsage, segments: readonly AnswerSegment[]): void {
    const { reservation } = this.#request;
    const asked = isCharged(outcome) ? this.#billFor(usage, segments) : { usage, usd: 0 };
    const bill = reservation === undefined ? asked : billWithin(reservation.need, asked);
    const settledAtWallMs = this.#deps.clock.wallMs();
    reservation?.settle(isCharged(outcome) ? spentBy(bill) : nothingSpent, settledAtWallMs);
    this.#deps.ledger.charge({
      requestId: this.#request.requestId,
      tenant: this.#request.tenant,
      keyId: this.#request.keyId,
      route: this.#request.api,
      model: (segments[0]?.candidate ?? this.#last)?.deployment.model ?? this.#request.model,
      outcome,
      attempts: this.#attempts,
      usage: bill.usage,
      chargeUsd: bill.usd,
      segments: segments.map(({ attemptId, candidate, outputTokens, characters }) => ({
        attemptId,
        endpointId: candidate.endpoint.id,
        deploymentId: candidate.deployment.id,
        vendor: candidate.endpoint.silicon.vendor,
        chip: candidate.endpoint.silicon.chip,
        evidence: candidate.endpoint.silicon.evidence,
        outputTokens,
        characters,
      })),
      settledAtWallMs,
      probableRetry: this.#request.probableRetry,
    });
  }

  #billFor(usage: TokenUsage, segments: readonly AnswerSegment[]): Bill<TokenUsage> {
    if (segments.length === 0) return this.#unansweredBill(usage);
    let usd = 0;
    for (let index = 0; index < segments.length; index += 1) {
      const segment = segments[index];
      if (segment === undefined) continue;
      const price = this.#priceOf(segment.candidate) ?? this.#request.capPrice;
      const part = priceUsage(partOf(usage, segment, index === 0), index === 0 || price === undefined ? price : { ...price, usdPerRequest: 0 });
      if (part === undefined) return { usage, usd: undefined };
      usd += part;
    }
    return { usage, usd };
  }

  #unansweredBill(usage: TokenUsage): Bill<TokenUsage> {
    const heard = this.#unanswered;
    // Nobody can bill what was never sent (fault 79).
    if (heard === undefined) return { usage, usd: 0 };
    return { usage: heard.usage, usd: priceUsage(heard.usage, this.#priceOf(heard.candidate) ?? this.#request.capPrice) };
  }

  /** What an attempt's usage costs, where a price is known. */
  usdOf(usage: TokenUsage, candidate: Candidate): number | undefined {
    return priceUsage(usage, this.#priceOf(candidate));
  }

  #priceOf(candidate: Candidate): Price | undefined {
    const { prices } = this.#deps;
    return prices === undefined ? candidate.deployment.price : prices.of(candidate);
  }
}

/** The same in whole microseconds: a clock's finer digits say nothing of a network, and cost bytes and time. */
function inMicroseconds({ ttftMs, durationMs }: AttemptTimes): AttemptTimes {
  return { ttftMs: ttftMs === undefined ? undefined : rounded(ttftMs), durationMs: rounded(durationMs) };
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** What of a request falls to one segment: the prompt to the first, and with it what was thought before anything was said. */
function partOf(usage: TokenUsage, segment: AnswerSegment, isFirst: boolean): TokenUsage {
  const outputTokens = segmentTokens(segment);
  // Of an answer in one piece that is all of it.
  if (isFirst && outputTokens === usage.outputTokens) return usage;
  return isFirst ? { ...usage, outputTokens } : { ...usage, inputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0, outputTokens };
}

/** What a prompt is taken to cost that nobody counted. */
function promptOf({ estimatedInputTokens }: RelayRequest): TokenUsage {
  return { inputTokens: estimatedInputTokens, cachedInputTokens: 0, outputTokens: 0, source: 'reserve' };
}

function spentBy({ usage, usd }: Bill<TokenUsage>): Spent {
  return { tokens: usage.inputTokens + usage.outputTokens, nanoUsd: toNanoUsd(usd ?? 0) };
}
