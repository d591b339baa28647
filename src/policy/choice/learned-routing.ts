import { requestSize } from './request-size.ts';
import { RequestAsk } from './request-ask.ts';
import type { Ask, RequestSize, ShareView } from './ask.ts';
import type { Candidate } from '../../fleet/candidate.ts';
import type { CandidateFate } from './candidate-fate.ts';
import type { Dispatch, PredictiveChoice } from './predictive-choice.ts';
import type { PriceOf } from '../provider-preference.ts';
import type { Ranker, Ranking } from '../order-candidates.ts';
import type { ShareHold } from '../shares/cap-account.ts';

/** Caps on shares, as they are told of every dispatch. */
export interface ShareBook extends ShareView {
  readonly dispatched: (candidate: Candidate, size: RequestSize, nowMs: number) => ShareHold;
  /** `actual` undefined: nobody knows what it used. */
  readonly settled: (hold: ShareHold, actual: RequestSize | undefined, nowMs: number) => void;
  readonly roomInMs: (candidate: Candidate, nowMs: number) => number;
}

interface Used {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** `reserve` is a guess, from which nothing is learned. */
  readonly source: 'upstream' | 'counted' | 'reserve';
}

type End =
  | { readonly kind: 'refused' }
  | { readonly kind: 'ok' | 'failed' | 'abandoned'; readonly usage: Used | undefined; readonly usd: number | undefined };

export interface LearnedRoutingParts {
  readonly choice: PredictiveChoice;
  /** Undefined where no caps can be set. */
  readonly shares: ShareBook | undefined;
  readonly priceOf: PriceOf;
}

/** Prediction and caps together, as the relay is given them: one dispatch counts with both, and ends in both. */
export class LearnedRouting {
  readonly #parts: LearnedRoutingParts;
  #running = 0;
  /** One for all attempts. */
  readonly #onEnd = (): void => {
    this.#running -= 1;
  };

  constructor(parts: LearnedRoutingParts) {
    this.#parts = parts;
  }

  /** Dispatches that have not ended. */
  get running(): number {
    return this.#running;
  }

  rankerFor(ask: Ask, nowMs: number): Ranker {
    return new AskRanker(this.#parts, ask, nowMs);
  }

  dispatched(_attemptId: string, candidate: Candidate, ask: Ask, nowMs: number): LearnedAttempt {
    const { choice, shares, priceOf } = this.#parts;
    this.#running += 1;
    const hold = shares?.dispatched(candidate, requestSize(ask, candidate, priceOf(candidate)), nowMs);
    const dispatch = choice.dispatched(candidate, ask, nowMs);
    return new LearnedAttempt(this.#parts, hold, dispatch, this.#onEnd);
  }

  explain(candidates: readonly Candidate[], ask: Ask, nowMs: number): readonly CandidateFate[] {
    compare(ask, candidates);
    return this.#parts.choice.explain(candidates, ask, nowMs);
  }
}

class LearnedAttempt {
  readonly #parts: LearnedRoutingParts;
  readonly #hold: ShareHold | undefined;
  readonly #dispatch: Dispatch;
  readonly #onEnd: () => void;
  #isOver = false;

  constructor(parts: LearnedRoutingParts, hold: ShareHold | undefined, dispatch: Dispatch, onEnd: () => void) {
    this.#parts = parts;
    this.#hold = hold;
    this.#dispatch = dispatch;
    this.#onEnd = onEnd;
  }

  firstContent(nowMs: number): void {
    if (!this.#isOver) this.#parts.choice.firstToken(this.#dispatch, nowMs);
  }

  ended(end: End, nowMs: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    const { choice, shares } = this.#parts;
    if (end.kind === 'refused') {
      choice.refused(this.#dispatch, nowMs);
      if (this.#hold !== undefined) shares?.settled(this.#hold, nothingUsed, nowMs);
      return;
    }
    const { usage, usd } = end;
    const isTold = usage !== undefined && usage.source !== 'reserve';
    // Endpoints that do not tell what they had cached are not to be taken for such that had nothing.
    const cachedTokens = isTold && usage.cachedInputTokens > 0 ? usage.cachedInputTokens : undefined;
    choice.ended(this.#dispatch, { outcome: end.kind, outputTokens: isTold ? usage.outputTokens : undefined, cachedTokens }, nowMs);
    if (this.#hold !== undefined)
      shares?.settled(this.#hold, usage === undefined ? undefined : { tokens: usage.inputTokens + usage.outputTokens, usd }, nowMs);
  }
}

const nothingUsed: RequestSize = { tokens: 0, usd: 0 };

/** One request's view of the choice. */
class AskRanker implements Ranker {
  readonly #parts: LearnedRoutingParts;
  readonly #ask: Ask;
  readonly #nowMs: number;

  constructor(parts: LearnedRoutingParts, ask: Ask, nowMs: number) {
    this.#parts = parts;
    this.#ask = ask;
    this.#nowMs = nowMs;
  }

  rank(equals: readonly Candidate[]): Ranking | undefined {
    const { choice } = this.#parts;
    compare(this.#ask, equals);
    return choice.rank(choice.admitted(equals, this.#ask, this.#nowMs), this.#ask, this.#nowMs);
  }

  roomInMs(candidates: readonly Candidate[]): number {
    const { shares } = this.#parts;
    return shares === undefined ? 0 : Math.min(...candidates.map((candidate) => shares.roomInMs(candidate, this.#nowMs)));
  }
}

function compare(ask: Ask, candidates: readonly Candidate[]): void {
  if (candidates.length > 1 && ask instanceof RequestAsk) ask.compares();
}
