import { AnswerLengths } from '../predict/answer-lengths.ts';
import { DeploymentProfile } from '../predict/deployment-profile.ts';
import { DispatchBook } from '../predict/dispatch-book.ts';
import { emptyEstimate, estimate, usualTuning, type ChoiceTuning } from './estimate.ts';
import type { Ask, RequestSize, ShareView } from './ask.ts';
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
  readonly tuning?: ChoiceTuning | undefined;
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

/** Beyond so many deployments or models the one longest unseen is forgotten. */
const mostDeployments = 5000;
const mostModels = 1000;
/** Places for hashes of blocks at one deployment, and at all of them together (8 bytes each). */
const mostPlaces = 1 << 16;
const mostPlacesInAll = 1 << 22;
/** Where requests say no block size. */
const usualBlockTokens = 64;
/** One request in so many goes to a place that nobody has heard of lately, where that is safe. */
const exploredShare = 0.01;
const staleMs = 10_000;
/** A place that never answered gets one at a time this readily. */
const unknownShare = 0.2;
/** Costs no further apart than this are alike, and chance decides: so that several gateways do not run to the same place. */
const alike = 0.002;
/** How much worse than the best a place may be that is tried to learn of it. */
const safe = 0.1;

/** Predicts what each candidate would make of a request and ranks them by what that costs; learns from what then happens. */
export class PredictiveChoice {
  readonly #random: Random;
  readonly #shares: ShareView | undefined;
  readonly #priorOf: (candidate: Candidate) => Prior;
  readonly #tuning: ChoiceTuning;
  readonly #profiles = new Map<string, DeploymentProfile>();
  readonly #lengths = new Map<string, AnswerLengths>();
  readonly #book = new DispatchBook();
  readonly #found = emptyEstimate();
  #costs = new Float64Array(32);

  constructor({ random, shares, priorOf, tuning }: PredictiveChoiceOptions) {
    this.#random = random;
    this.#shares = shares;
    this.#priorOf = priorOf;
    this.#tuning = tuning ?? usualTuning;
  }

  /** Undefined where there is no candidate. Hard caps are the caller's filter: `admits` tells. */
  rank(candidates: readonly Candidate[], ask: Ask, nowMs: number): Ranking | undefined {
    const first = this.#pick(candidates, ask, nowMs);
    if (first === undefined) return undefined;
    const costs = this.#costs;
    return {
      first,
      get candidates() {
        return candidates; // TODO
      },
    };
  }

  #pick(candidates: readonly Candidate[], ask: Ask, nowMs: number): Candidate | undefined {
    const count = candidates.length;
    const [only] = candidates;
    if (count <= 1 || only === undefined) return only;
    if (this.#costs.length < count) this.#costs = new Float64Array(count * 2);
    const lengths = this.#lengthsOf(only.deployment.model);
    const outputTokens = lengths.mean(lengths.kindOf(ask), ask.maxTokens);
    let best = 0;
    let least = Infinity;
    let stale: number | undefined;
    for (let index = 0; index < count; index += 1) {
      const candidate = candidates[index];
      if (candidate === undefined) continue;
      const profile = this.#profileOf(candidate, ask);
      estimate(profile, ask, outputTokens, nowMs, this.#tuning, this.#found);
      const cost = this.#found.cost + profile.refusals(nowMs) * 0.5;
      this.#costs[index] = cost;
      if (cost < least) {
        least = cost;
        best = index;
      }
    }
    // Explore
    if (this.#random() < exploredShare) {
      for (let index = 0; index < count; index += 1) {
        const candidate = candidates[index];
        if (candidate === undefined) continue;
        const profile = this.#profileOf(candidate, ask);
        if (nowMs - profile.lastSeenMs > staleMs && (this.#costs[index] ?? 0) < least + safe) stale = index;
      }
      if (stale !== undefined) return candidates[stale];
    }
    let seen = 0;
    for (let index = 0; index < count; index += 1) {
      if ((this.#costs[index] ?? 0) > least + alike) continue;
      seen += 1;
      if (seen > 1 && this.#random() * seen < 1) best = index;
      else if (seen === 1) best = index;
    }
    return candidates[best];
  }

  /** Whether hard caps leave room for the request there. */
  admits(candidate: Candidate, ask: Ask, nowMs: number): boolean {
    return this.#shares === undefined || this.#shares.admits(candidate, { tokens: ask.promptTokens, usd: undefined }, nowMs);
  }

  /** The request goes there now: its load counts from here, not from the answer. */
  dispatched(candidate: Candidate, ask: Ask, nowMs: number): Dispatch {
    const profile = this.#profileOf(candidate, ask);
    const lengths = this.#lengthsOf(candidate.deployment.model);
    const book = this.#book;
    const dispatch = book.open(profile, lengths);
    const row = book.rowOf(dispatch);
    if (row === undefined) return dispatch;
    const kind = lengths.kindOf(ask);
    const cached = profile.prefixes.match(ask.prefixHashes) * ask.prefixBlockTokens;
    const fresh = Math.max(1, ask.promptTokens - cached);
    const held = ask.promptTokens + lengths.mean(kind, ask.maxTokens) / 2;
    book.sentMs[row] = nowMs;
    book.freshTokens[row] = fresh;
    book.expectedCached[row] = cached;
    book.blockTokens[row] = ask.prefixBlockTokens;
    book.aheadTokens[row] = profile.residentTokens + ask.promptTokens > profile.kvTokens ? -1 : profile.backlogTokens(nowMs) + fresh;
    book.heldTokens[row] = held;
    book.lengthKind[row] = kind;
    profile.dispatched(fresh, held, ask.slo?.tpotMs, nowMs);
    profile.prefixes.add(ask.prefixHashes);
    return dispatch;
  }

  firstToken(dispatch: Dispatch, nowMs: number): void {
    const book = this.#book;
    const row = book.rowOf(dispatch);
    const profile = row === undefined ? undefined : book.profiles[row];
    if (row === undefined || profile === undefined || (book.firstMs[row] ?? 0) >= 0) return;
    const fresh = book.freshTokens[row] ?? 0;
    const ahead = book.aheadTokens[row] ?? 0;
    if (ahead >= 0) profile.learnFirstToken(ahead, nowMs - (book.sentMs[row] ?? 0));
    profile.began(fresh, book.heldTokens[row] ?? 0, nowMs);
    book.firstMs[row] = nowMs;
    book.decodingMs[row] = profile.decodingMs;
    book.decodingTokenMs[row] = profile.decodingTokenMs;
    book.computedTokens[row] = profile.computedTokens;
  }

  /** Ends a dispatch; each is ended or refused once, and a second time changes nothing. */
  ended(dispatch: Dispatch, { outcome, outputTokens, cachedTokens }: DispatchEnd, nowMs: number): void {
    const book = this.#book;
    const row = book.rowOf(dispatch);
    const profile = row === undefined ? undefined : book.profiles[row];
    if (row === undefined || profile === undefined) return;
    this.#leave(row, profile, nowMs);
    const expected = book.expectedCached[row] ?? 0;
    if (cachedTokens !== undefined && outcome === 'ok') profile.prefixes.learn(expected, cachedTokens, book.blockTokens[row] ?? 0);
    const firstMs = book.firstMs[row] ?? -1;
    if (outcome === 'ok' && outputTokens !== undefined && firstMs >= 0) {
      book.lengths[row]?.add(book.lengthKind[row] ?? 0, outputTokens);
      const durationMs = nowMs - firstMs;
      profile.learnAnswer(
        outputTokens,
        durationMs,
        (profile.decodingMs - (book.decodingMs[row] ?? 0)) / durationMs,
        (profile.decodingTokenMs - (book.decodingTokenMs[row] ?? 0)) / durationMs,
        profile.computedTokens - (book.computedTokens[row] ?? 0),
      );
    }
    book.close(row);
  }

  /** It was refused (a 429, a broken connection) before it was worked on: nothing is learned of speed. */
  refused(dispatch: Dispatch, nowMs: number): void {
    const row = this.#book.rowOf(dispatch);
    const profile = row === undefined ? undefined : this.#book.profiles[row];
    if (row === undefined || profile === undefined) return;
    this.#leave(row, profile, nowMs);
    profile.refused(nowMs);
    this.#book.close(row);
  }

  gauges(deploymentId: string, { running, waiting, kvUsed }: Gauges): void {
    this.#profiles.get(deploymentId)?.told(running, waiting, kvUsed);
  }

  /** What each candidate was predicted and why one was chosen, without chance. Costs what it costs: not for every request. */
  explain(_candidates: readonly Candidate[], _ask: Ask, _nowMs: number): readonly CandidateFate[] {
    return [];
  }

  profiles(): readonly StoredProfile[] {
    return [...this.#profiles].map(([id, profile]) => profile.stored(id));
  }

  /** Takes stored profiles as priors of deployments that were not seen yet. */
  restore(_profiles: readonly StoredProfile[]): void {}

  /** The deployment is gone, or came back as another: nothing of it is kept. */
  forget(deploymentId: string): void {
    this.#profiles.delete(deploymentId);
  }

  #leave(row: number, profile: DeploymentProfile, nowMs: number): void {
    const book = this.#book;
    const held = book.heldTokens[row] ?? 0;
    if ((book.firstMs[row] ?? -1) >= 0) profile.left(held, nowMs);
    else profile.leaveLine(book.freshTokens[row] ?? 0);
    profile.release(held);
  }

  #profileOf(candidate: Candidate, ask: Ask): DeploymentProfile {
    return this.#profiles.get(candidate.deployment.id) ?? this.#newProfile(candidate, ask);
  }

  #newProfile(candidate: Candidate, ask: Ask): DeploymentProfile {
    const profile = new DeploymentProfile({ prior: this.#priorOf(candidate), blockTokens: ask.prefixBlockTokens || usualBlockTokens, mostPlaces });
    this.#profiles.set(candidate.deployment.id, profile);
    return profile;
  }

  #lengthsOf(model: string): AnswerLengths {
    let lengths = this.#lengths.get(model);
    if (lengths === undefined) {
      lengths = new AnswerLengths();
      this.#lengths.set(model, lengths);
    }
    return lengths;
  }
}
