import type { Ask, ShareView } from './ask.ts';
import type { Candidate } from '../../fleet/candidate.ts';
import type { CandidateFate } from './candidate-fate.ts';
import type { Prior } from '../predict/prior.ts';
import type { Random } from '../../std/random.ts';
import type { StoredProfile } from '../predict/stored-profile.ts';

export interface PredictiveChoiceOptions {
  readonly random: Random;
  /** Undefined where no caps are set. */
  readonly shares: ShareView | undefined;
  /** Asked once for each deployment, when it is first seen. */
  readonly priorOf: (candidate: Candidate) => Prior;
}

/** Names one dispatch of one request until it has ended. A number, so that it costs nothing to keep. */
export type Dispatch = number;

export interface DispatchEnd {
  readonly outcome: 'ok' | 'failed' | 'abandoned';
  /** Undefined where nobody told. */
  readonly outputTokens: number | undefined;
  /** Prompt tokens that the engine says it had in its cache; undefined where it does not say. */
  readonly cachedTokens: number | undefined;
}

/** What an engine tells of itself. Undefined where it does not. */
export interface Gauges {
  readonly asOfMs: number;
  readonly running: number | undefined;
  readonly waiting: number | undefined;
  /** The part of its KV memory that is in use, 0 to 1. */
  readonly kvUsed: number | undefined;
}

/** Candidates in the order of their cost. Nearly every request asks only who is first, which takes no sorting. */
export interface Ranking {
  readonly first: Candidate;
  readonly candidates: readonly Candidate[];
}

/** Predicts what each candidate would make of a request and ranks them by what that costs; learns from what then happens. */
export class PredictiveChoice {
  constructor(_options: PredictiveChoiceOptions) {}

  /** Undefined where there is no candidate. Hard caps are the caller's filter: `admits` tells. */
  rank(candidates: readonly Candidate[], _ask: Ask, _nowMs: number): Ranking | undefined {
    const sorted = candidates.toSorted((a, b) => a.running - b.running);
    const [first] = sorted;
    return first === undefined ? undefined : { first, candidates: sorted };
  }

  /** Whether hard caps leave room for the request there. */
  admits(_candidate: Candidate, _ask: Ask, _nowMs: number): boolean {
    return true;
  }

  /** The request goes there now: its load counts from here, not from the answer. */
  dispatched(_candidate: Candidate, _ask: Ask, _nowMs: number): Dispatch {
    return 0;
  }

  firstToken(_dispatch: Dispatch, _nowMs: number): void {}

  /** Ends a dispatch; each is ended or refused once, and a second time changes nothing. */
  ended(_dispatch: Dispatch, _end: DispatchEnd, _nowMs: number): void {}

  /** It was refused (a 429, a broken connection) before it was worked on: nothing is learned of speed. */
  refused(_dispatch: Dispatch, _nowMs: number): void {}

  gauges(_deploymentId: string, _gauges: Gauges): void {}

  /** What each candidate was predicted and why one was chosen, without chance. Costs what it costs: not for every request. */
  explain(_candidates: readonly Candidate[], _ask: Ask, _nowMs: number): readonly CandidateFate[] {
    return [];
  }

  profiles(): readonly StoredProfile[] {
    return [];
  }

  /** Takes stored profiles as priors of deployments that were not seen yet. */
  restore(_profiles: readonly StoredProfile[]): void {}

  /** The deployment is gone, or came back as another: nothing of it is kept. */
  forget(_deploymentId: string): void {}
}
