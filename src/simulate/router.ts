import type { Candidate } from '../fleet/candidate.ts';

/** What a router may know of a request: what a gateway knows when the request has arrived, and nothing of its answer. */
export interface Arrival {
  /** Counts the requests of a run from 0. */
  readonly id: number;
  readonly atMs: number;
  readonly model: string;
  readonly promptTokens: number;
  /** What the client asked for at most; undefined where it did not say. */
  readonly maxTokens: number | undefined;
  /** Equal ids in equal places are equal beginnings: one for each full block of `prefixBlockTokens` of the prompt. */
  readonly prefixHashes: Int32Array;
  readonly prefixBlockTokens: number;
  /** The SLO class by name, such as `interactive`. */
  readonly sloClass: string;
}

/** What an engine tells of itself when it is asked, as old as the last time that it was asked. */
export interface ReplicaGauges {
  readonly asOfMs: number;
  readonly running: number;
  readonly waiting: number;
  /** The part of the KV memory that running requests hold, 0 to 1. */
  readonly kvUsed: number;
}

/**
 * A place as a router sees it: the very candidate that `policy/choose-deployments.ts` gets, with a number to keep
 * tables by. The simulator changes it in place, so a router keeps no copy.
 */
export interface ReplicaView extends Candidate {
  readonly index: number;
  readonly gauges: ReplicaGauges;
}

/**
 * A policy under judgement. `choose` names one of `fleet`, or nobody, which refuses the request. After a refusal it is
 * asked again without those that refused. The other methods tell what a gateway would see next, in the order of time.
 */
export interface Router {
  readonly choose: (arrival: Arrival, fleet: readonly ReplicaView[], nowMs: number) => ReplicaView | undefined;
  /** The request went to that place. A request may be dispatched again after a refusal or a loss. */
  readonly dispatched?: (arrival: Arrival, to: ReplicaView, nowMs: number) => void;
  readonly firstToken?: (arrival: Arrival, at: ReplicaView, ttftMs: number, nowMs: number) => void;
  readonly finished?: (arrival: Arrival, at: ReplicaView, answer: FinishedAnswer, nowMs: number) => void;
  readonly refused?: (arrival: Arrival, by: ReplicaView, why: RefusalKind, nowMs: number) => void;
}

/** `busy`: a 429; `lost`: it broke or could not be reached; `too-large`: it can never hold this request. */
export type RefusalKind = 'busy' | 'lost' | 'too-large';

export interface FinishedAnswer {
  readonly outputTokens: number;
  /** Prompt tokens that the engine says it had in its cache, as vLLM's `cached_tokens` does. */
  readonly cachedTokens: number;
  /** From the dispatch to this place. */
  readonly ttftMs: number;
  readonly durationMs: number;
}
