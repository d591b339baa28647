import { AnswerLengths } from '../predict/answer-lengths.ts';
import { Comparison } from './comparison.ts';
import { DeploymentProfile } from '../predict/deployment-profile.ts';
import { DispatchBook } from '../predict/dispatch-book.ts';
import { fatesOf } from './fates-of.ts';
import { LastHolders } from '../predict/last-holders.ts';
import { pickIndex } from './pick-index.ts';
import { Ranked, type ByCost } from './ranking.ts';
import type { Ranking } from '../order-candidates.ts';
import { promptWork } from '../predict/prompt-work.ts';
import { requestUsd } from './request-usd.ts';
import { usualTuning, type ChoiceTuning } from './estimate.ts';
import type { Ask, RequestSize, ShareView } from './ask.ts';
import type { CandidateFate } from './candidate-fate.ts';
import type { Candidate, Place } from '../../fleet/candidate.ts';
import type { Price } from '../../fleet/deployment.ts';
import type { PriceOf } from '../provider-preference.ts';
import type { Prior } from '../predict/prior.ts';
import type { Random } from '../../std/random.ts';
import type { StoredProfile } from '../predict/stored-profile.ts';

export interface PredictiveChoiceOptions {
  readonly random: Random;
  /** Undefined where no caps are set. */
  readonly shares: ShareView | undefined;
  /** Asked once for each deployment, when it is first seen. */
  readonly priorOf: (candidate: Candidate) => Prior;
  /** What tokens cost there. Default: what the deployment itself says. */
  readonly priceOf?: PriceOf | undefined;
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

/** Beyond so many deployments or models the one that came first is forgotten. */
const mostDeployments = 5000;
const mostModels = 1000;
/** Of more candidates so many are compared, drawn anew for each request: the best of many is as good as the best of all, nearly. */
const mostCompared = 48;
/** Places for hashes of blocks at one deployment (8 bytes each), and for all of them together. */
const mostPlaces = 1 << 16;
const mostPlacesInAll = 1 << 23;
const none: readonly Candidate[] = [];
/** Where requests say no block size. */
const usualBlockTokens = 64;

function ownPrice({ deployment }: Place): Price | undefined {
  return deployment.price;
}

/** Predicts what each candidate would make of a request and ranks them by what that costs; learns from what then happens. */
export class PredictiveChoice {
  readonly #random: Random;
  readonly #shares: ShareView | undefined;
  readonly #priorOf: (candidate: Candidate) => Prior;
  readonly #priceOf: PriceOf;
  readonly #profiles = new Map<string, DeploymentProfile>();
  readonly #stored = new Map<string, StoredProfile>();
  readonly #lengths = new Map<string, AnswerLengths>();
  #lastModel = '';
  #lastLengths: AnswerLengths | undefined;
  readonly #book = new DispatchBook();
  readonly #holders = new LastHolders();
  readonly #comparison: Comparison;
  /** Who would have got the request that was ranked last, had there been no caps. */
  #freely:
    | { readonly ask: Ask; readonly from: Candidate; readonly to: Candidate; readonly usd: number | undefined; readonly ttftMs: number }
    | undefined;
  /** Those whom hard caps kept from the request that was asked about last. */
  #withheld: { readonly ask: Ask; readonly candidates: readonly Candidate[] } | undefined;

  constructor({ random, shares, priorOf, priceOf = ownPrice, tuning }: PredictiveChoiceOptions) {
    this.#random = random;
    this.#shares = shares;
    this.#priorOf = priorOf;
    this.#priceOf = priceOf;
    this.#comparison = new Comparison(tuning ?? usualTuning, shares, priceOf);
  }

  /** Those for whom hard caps leave room; nobody where they leave it for none, which is the caller's to judge. */
  admitted(candidates: readonly Candidate[], ask: Ask, nowMs: number): readonly Candidate[] {
    const shares = this.#shares;
    this.#withheld = undefined;
    if (shares === undefined || shares.isOpen()) return candidates;
    const outputTokens = this.#outputTokens(candidates[0], ask);
    const tokens = ask.promptTokens + outputTokens;
    const anywhere = shares.countsUsd() ? undefined : { tokens, usd: undefined };
    if (anywhere !== undefined && shares.admitsAnywhere(anywhere, nowMs)) return candidates;
    const admitted = candidates.filter((candidate) => shares.admits(candidate, anywhere ?? this.#sizeAt(candidate, ask, outputTokens), nowMs));
    if (admitted.length === candidates.length) return candidates;
    this.#withheld = { ask, candidates: candidates.filter((candidate) => !admitted.includes(candidate)) };
    return admitted;
  }

  /** Undefined where there is no candidate. */
  rank(candidates: readonly Candidate[], ask: Ask, nowMs: number): Ranking | undefined {
    const [only] = candidates;
    if (only === undefined) return undefined;
    const isAlone = candidates.length === 1 && this.#shares?.isOpen() !== false;
    const compared = candidates.length > mostCompared ? this.#sampled(candidates, ask) : candidates;
    const first = isAlone ? only : (compared[this.#pick(compared, ask, nowMs)] ?? only);
    return new Ranked(first, candidates, ask, nowMs, this.#byCost);
  }

  /**
   * The request goes there now: its load counts from here, not from the answer. The very `ask` that it was ranked with
   * tells whom caps displaced.
   */
  dispatched(candidate: Candidate, ask: Ask, nowMs: number): Dispatch {
    const profile = this.#profileOf(candidate, ask);
    const lengths = this.#lengthsOf(candidate.deployment.model);
    if (this.#freely !== undefined) this.#tellDisplaced(candidate, ask);
    const kind = lengths.kindOf(ask);
    const cached = profile.cachedTokens(ask, 0);
    const fresh = promptWork(ask.promptTokens, cached);
    const held = ask.promptTokens + lengths.mean(kind, ask.maxTokens) / 2;
    const isCrowded = profile.residentTokens + ask.promptTokens > profile.kvTokens;
    const book = this.#book;
    const dispatch = book.open(profile, lengths);
    const row = book.rowOf(dispatch);
    if (row === undefined) return dispatch;
    book.sentMs[row] = nowMs;
    book.freshTokens[row] = fresh;
    book.expectedCached[row] = cached;
    book.blockTokens[row] = ask.prefixBlockTokens;
    // Waiting for memory says nothing of how long prompts take.
    book.aheadTokens[row] = isCrowded ? -1 : profile.backlogTokens(nowMs) + fresh;
    book.heldTokens[row] = held;
    book.lengthKind[row] = kind;
    profile.dispatched(fresh, held, ask.slo?.tpotMs, nowMs);
    profile.prefixes.add(ask.prefixHashes);
    this.#holders.add(ask.prefixHashes, candidate.deployment.id);
    return dispatch;
  }

  firstToken(dispatch: Dispatch, nowMs: number): void {
    const book = this.#book;
    const row = book.rowOf(dispatch);
    const profile = row === undefined ? undefined : book.profiles[row];
    if (row === undefined || profile === undefined || (book.firstMs[row] ?? 0) >= 0) return;
    const ahead = book.aheadTokens[row] ?? 0;
    if (ahead >= 0) profile.learnFirstToken(ahead, nowMs - (book.sentMs[row] ?? 0));
    profile.began(book.freshTokens[row] ?? 0, book.heldTokens[row] ?? 0, nowMs);
    book.firstMs[row] = nowMs;
    book.decodingMs[row] = profile.decodingMs;
    book.decodingTokenMs[row] = profile.decodingTokenMs;
    book.computedTokens[row] = profile.computedTokens(nowMs);
  }

  /** Ends a dispatch; each is ended or refused once, and a second time changes nothing. */
  ended(dispatch: Dispatch, { outcome, outputTokens, cachedTokens }: DispatchEnd, nowMs: number): void {
    const book = this.#book;
    const row = book.rowOf(dispatch);
    const profile = row === undefined ? undefined : book.profiles[row];
    if (row === undefined || profile === undefined) return;
    const firstMs = book.firstMs[row] ?? -1;
    this.#leave(row, profile, nowMs);
    if (firstMs < 0 && outcome === 'ok' && outputTokens !== undefined) this.#learnWhole(row, profile, outputTokens, nowMs);
    if (outcome === 'ok' && cachedTokens !== undefined)
      profile.prefixes.learn(book.expectedCached[row] ?? 0, cachedTokens, book.blockTokens[row] ?? 0);
    if (outcome === 'ok' && outputTokens !== undefined && firstMs >= 0) {
      const durationMs = nowMs - firstMs;
      book.lengths[row]?.add(book.lengthKind[row] ?? 0, outputTokens);
      profile.learnAnswer(
        outputTokens,
        durationMs,
        (profile.decodingMs - (book.decodingMs[row] ?? 0)) / durationMs,
        (profile.decodingTokenMs - (book.decodingTokenMs[row] ?? 0)) / durationMs,
        Math.max(0, profile.computedTokens(nowMs) - (book.computedTokens[row] ?? 0)),
        book.freshTokens[row] ?? 0,
      );
    }
    book.close(row);
  }

  /**
   * An answer came in one piece: how much of its time went before its first token nobody saw, so it is divided as the
   * prediction would have divided it, and both parts are learned from at once.
   */
  #learnWhole(row: number, profile: DeploymentProfile, outputTokens: number, nowMs: number): void {
    const book = this.#book;
    book.lengths[row]?.add(book.lengthKind[row] ?? 0, outputTokens);
    const tookMs = nowMs - (book.sentMs[row] ?? 0);
    const ahead = book.aheadTokens[row] ?? -1;
    const [batch, tokens] = [profile.inFlight, profile.residentTokens];
    const ttftMs = profile.firstTokenMs + profile.perPromptTokenMs * Math.max(0, ahead);
    const decodeMs = Math.max(0, outputTokens - 1) * (profile.stepMs + profile.perSequenceMs * batch + profile.perKvTokenMs * tokens);
    const beforeMs = ttftMs + decodeMs > 0 ? (tookMs * ttftMs) / (ttftMs + decodeMs) : tookMs;
    if (ahead >= 0) profile.learnFirstToken(ahead, beforeMs);
    profile.learnAnswer(outputTokens, tookMs - beforeMs, batch, tokens, 0, book.freshTokens[row] ?? 0);
    profile.lastSeenMs = nowMs;
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

  /** What each candidate is predicted and why one would be chosen, without chance. Not for every request: it allocates. */
  explain(candidates: readonly Candidate[], ask: Ask, nowMs: number): readonly CandidateFate[] {
    const [first] = candidates;
    if (first === undefined) return [];
    const lengths = this.#lengthsOf(first.deployment.model);
    return fatesOf(candidates, ask, nowMs, { comparison: this.#comparison, lengths, shares: this.#shares, profileOf: this.#profileOfAny });
  }

  /** What was learned, of at most as many deployments as are kept. */
  profiles(): readonly StoredProfile[] {
    return [...this.#profiles].map(([id, profile]) => profile.stored(id));
  }

  /** Takes stored profiles as priors of deployments that are not known yet. */
  restore(profiles: readonly StoredProfile[]): void {
    for (const profile of profiles.slice(0, mostDeployments)) this.#stored.set(profile.deploymentId, profile);
  }

  /** The deployment is gone, or came back as another: nothing of it is kept. */
  forget(deploymentId: string): void {
    this.#profiles.delete(deploymentId);
    this.#stored.delete(deploymentId);
    this.#comparison.forget();
  }

  #pick(candidates: readonly Candidate[], ask: Ask, nowMs: number): number {
    const [first] = candidates;
    const comparison = this.#comparison;
    comparison.run(candidates, ask, this.#lengthsOf(first?.deployment.model ?? ''), nowMs, this.#profileOfAny);
    const chosen = pickIndex(candidates.length, comparison.costs, nowMs, this.#random, comparison.profiles);
    this.#freely = undefined;
    if (this.#shares?.isOpen() === false) this.#compareFreely(candidates, ask, nowMs, chosen);
    return chosen;
  }

  /** Evenly from all of them, from a place by chance, with whoever was sent this beginning last. */
  #sampled(candidates: readonly Candidate[], { prefixHashes }: Ask): readonly Candidate[] {
    const count = candidates.length;
    const start = this.#random() * count;
    const sample: Candidate[] = [];
    for (let index = 0; index < mostCompared; index += 1) {
      const candidate = candidates[Math.floor(start + (index * count) / mostCompared) % count];
      if (candidate !== undefined) sample.push(candidate);
    }
    const holderId = this.#holders.find(prefixHashes);
    const holder = holderId === undefined ? undefined : candidates.find(({ deployment }) => deployment.id === holderId);
    if (holder !== undefined && !sample.includes(holder)) sample.push(holder);
    return sample;
  }

  /** Remembers who would have been chosen without caps, if that is another. */
  #compareFreely(candidates: readonly Candidate[], ask: Ask, nowMs: number, chosen: number): void {
    const to = candidates[chosen];
    if (to === undefined) return;
    const comparison = this.#comparison;
    const withheld = this.#withheld?.ask === ask ? this.#withheld.candidates : none;
    if (withheld.length === 0 && !comparison.hasShares) return;
    // Without caps chance would have drawn as it did now: only what caps did is to be told.
    const toCost = comparison.costs[chosen] ?? 0;
    let isCapped = withheld.length > 0;
    for (let index = 0; index < candidates.length; index += 1)
      if ((comparison.shareUsd[index] ?? 0) > 0 && (comparison.freeCosts[index] ?? 0) < toCost) isCapped = true;
    if (!isCapped) return;
    // Where caps kept nobody away, all are compared already.
    const all = withheld.length === 0 ? candidates : [...candidates, ...withheld];
    if (all !== candidates) comparison.run(all, ask, this.#lengthsOf(to.deployment.model), nowMs, this.#profileOfAny);
    const { freeCosts, usd, ttftMs } = comparison;
    let best = chosen;
    for (let index = 0; index < all.length; index += 1) if ((freeCosts[index] ?? 0) < (freeCosts[best] ?? 0)) best = index;
    const from = all[best];
    if (from === undefined || best === chosen) return;
    const [toUsd = -1, fromUsd = -1] = [usd[chosen], usd[best]];
    this.#freely = {
      ask,
      from,
      to,
      usd: toUsd < 0 || fromUsd < 0 ? undefined : toUsd - fromUsd,
      ttftMs: (ttftMs[chosen] ?? 0) - (ttftMs[best] ?? 0),
    };
  }

  #tellDisplaced(candidate: Candidate, ask: Ask): void {
    const freely = this.#freely;
    this.#freely = undefined;
    if (freely === undefined || freely.ask !== ask || freely.to.deployment.id !== candidate.deployment.id) return;
    this.#shares?.displaced(freely.from, candidate, this.#sizeAt(candidate, ask, this.#outputTokens(candidate, ask)), {
      usd: freely.usd,
      ttftMs: freely.ttftMs,
    });
  }

  readonly #byCost: ByCost = (candidates, ask, nowMs) => {
    const [first] = candidates;
    const comparison = this.#comparison;
    comparison.run(candidates, ask, this.#lengthsOf(first?.deployment.model ?? ''), nowMs, this.#profileOfAny);
    return candidates
      .map((candidate, index) => ({ candidate, cost: comparison.costs[index] ?? 0 }))
      .toSorted((a, b) => a.cost - b.cost)
      .map(({ candidate }) => candidate);
  };

  /** What an answer of the model should have. */
  #outputTokens(candidate: Candidate | undefined, ask: Ask): number {
    const lengths = this.#lengthsOf(candidate?.deployment.model ?? '');
    return lengths.mean(lengths.kindOf(ask), ask.maxTokens);
  }

  #sizeAt(candidate: Candidate, ask: Ask, outputTokens: number): RequestSize {
    const cached = this.#profileOf(candidate, ask).cachedTokens(ask, 0);
    return { tokens: ask.promptTokens + outputTokens, usd: requestUsd(this.#priceOf(candidate), ask.promptTokens, cached, outputTokens) };
  }

  #leave(row: number, profile: DeploymentProfile, nowMs: number): void {
    const book = this.#book;
    const held = book.heldTokens[row] ?? 0;
    if ((book.firstMs[row] ?? -1) >= 0) profile.left(held, nowMs);
    else profile.leaveLine(book.freshTokens[row] ?? 0);
    profile.release(held);
  }

  readonly #profileOfAny = (candidate: Candidate, ask: Ask): DeploymentProfile => this.#profileOf(candidate, ask);

  #profileOf(candidate: Candidate, ask: Ask): DeploymentProfile {
    return this.#profiles.get(candidate.deployment.id) ?? this.#newProfile(candidate, ask);
  }

  #newProfile(candidate: Candidate, { prefixBlockTokens }: Ask): DeploymentProfile {
    const { id } = candidate.deployment;
    const stored = this.#stored.get(id);
    if (forgetFirst(this.#profiles, mostDeployments)) this.#comparison.forget();
    const profile = new DeploymentProfile({
      prior: stored === undefined ? this.#priorOf(candidate) : { ...stored, from: 'stored profile' },
      blockTokens: prefixBlockTokens > 0 ? prefixBlockTokens : usualBlockTokens,
      mostPlaces: Math.min(mostPlaces, mostPlacesInAll / Math.max(1, this.#profiles.size)),
    });
    this.#profiles.set(id, profile);
    return profile;
  }

  /** Asked several times a request, and nearly always of the model before. */
  #lengthsOf(model: string): AnswerLengths {
    if (this.#lastModel === model && this.#lastLengths !== undefined) return this.#lastLengths;
    const lengths = this.#lengths.get(model) ?? this.#newLengths(model);
    this.#lastModel = model;
    this.#lastLengths = lengths;
    return lengths;
  }

  #newLengths(model: string): AnswerLengths {
    const lengths = new AnswerLengths();
    forgetFirst(this.#lengths, mostModels);
    this.#lengths.set(model, lengths);
    return lengths;
  }
}

/** Makes room for one more; whether somebody had to go for it. */
function forgetFirst(map: Map<string, unknown>, most: number): boolean {
  if (map.size < most) return false;
  for (const key of map.keys()) return map.delete(key);
  return false;
}
