import { priceUsage } from '../ledger/price-usage.ts';
import type { AttemptOpened, TokenUsage } from '../ledger/ledger.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { Candidate } from '../fleet/candidate.ts';
import { segmentTokens, type AnswerSegment } from './provenance.ts';
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

  constructor(request: RelayRequest, deps: RelayDependencies) {
    this.#request = request;
    this.#deps = deps;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** The attempt's id, and a promise where its row is not in the operating system's hands yet. */
  open(candidate: Candidate, reason: AttemptOpened['reason']): { readonly attemptId: string; readonly written: Promise<void> | undefined } {
    const { silicon } = candidate.endpoint;
    const attemptId = this.#deps.newId();
    this.#attempts += 1;
    const written = this.#deps.ledger.openAttempt({
      attemptId,
      requestId: this.#request.requestId,
      ordinal: this.#attempts,
      reason,
      tenant: this.#request.tenant,
      keyId: this.#request.keyId,
      route: this.#request.api,
      model: this.#request.model,
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
    this.#deps.ledger.noteProgress({ attemptId, usage, costUsd: priceUsage(usage, candidate.deployment.price) });
  }

  settled(attemptId: string, candidate: Candidate, outcome: string, usage: TokenUsage, times: AttemptTimes): void {
    this.#deps.ledger.closeAttempt({ attemptId, state: 'S', outcome, usage, costUsd: priceUsage(usage, candidate.deployment.price), ...times });
  }

  /** An attempt that produced nothing to keep: void where it cannot have been computed, else unknown until billed. */
  failed(attemptId: string, failure: AttemptFailure, times: AttemptTimes): void {
    const state = failure.class === 'maybe-executed' || failure.mayBeBilled === true ? 'U' : 'V';
    this.#deps.ledger.closeAttempt({ attemptId, state, outcome: failure.fault.code, usage: undefined, costUsd: undefined, ...times });
  }

  /**
   * The one charge: the prompt once, at the first segment's price, and each segment's tokens at its own. What our
   * own failure left incomplete is charged nothing; what it cost stands on the attempts.
   */
  charge(outcome: string, usage: TokenUsage, segments: readonly AnswerSegment[]): void {
    const failed = outcome !== 'ok' && outcome !== 'client_closed';
    this.#deps.ledger.charge({
      requestId: this.#request.requestId,
      tenant: this.#request.tenant,
      keyId: this.#request.keyId,
      route: this.#request.api,
      model: this.#request.model,
      outcome,
      attempts: this.#attempts,
      usage,
      chargeUsd: failed ? 0 : chargeUsd(usage, segments),
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
      settledAtWallMs: this.#deps.clock.wallMs(),
      probableRetry: this.#request.probableRetry,
    });
  }
}

function chargeUsd(usage: TokenUsage, segments: readonly AnswerSegment[]): number | undefined {
  let total = 0;
  for (const [index, segment] of segments.entries()) {
    const first = index === 0;
    const part = {
      ...usage,
      inputTokens: first ? usage.inputTokens : 0,
      cachedInputTokens: first ? usage.cachedInputTokens : 0,
      outputTokens: segmentTokens(segment),
    };
    const usd = priceUsage(part, segment.candidate.deployment.price);
    if (usd === undefined) return undefined;
    total += usd;
  }
  return segments.length === 0 ? undefined : total;
}
