import type { Ask } from '../policy/choice/ask.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { CandidateFate } from '../policy/choice/candidate-fate.ts';
import type { Ranker } from '../policy/order-candidates.ts';
import type { TokenUsage } from '../ledger/ledger.ts';

/** How a dispatch ended, as the routing learns from it. */
export type RoutedEnd =
  /** Nothing of it was worked on: no byte was sent, or the endpoint said no. Nothing is learned of speed, and nothing was used. */
  | { readonly kind: 'refused' }
  | {
      readonly kind: 'ok' | 'failed' | 'abandoned';
      /** Undefined where nobody knows what it used. */
      readonly usage: TokenUsage | undefined;
      /** What that costs, where a price is known. */
      readonly usd: number | undefined;
    };

/** One dispatch. It is ended once, whatever becomes of it; a second end changes nothing. */
export interface RoutedAttempt {
  readonly firstContent: (nowMs: number) => void;
  readonly ended: (end: RoutedEnd, nowMs: number) => void;
}

/** Puts candidates in order by what is expected of each, and learns from what then happens. */
export interface RequestRouting {
  readonly rankerFor: (ask: Ask, nowMs: number) => Ranker;
  /** In the turn in which it was chosen, so that nobody else takes the room that the choice saw: load counts from here. */
  readonly dispatched: (attemptId: string, candidate: Candidate, ask: Ask, nowMs: number) => RoutedAttempt;
  /** What is expected of each candidate. It costs what it costs, and is asked only for people. */
  readonly explain: (candidates: readonly Candidate[], ask: Ask, nowMs: number) => readonly CandidateFate[];
}
