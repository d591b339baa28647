import { emptyEstimate, estimate, type ChoiceTuning } from './estimate.ts';
import { objectiveWeights } from './objective-weights.ts';
import { requestUsd } from './request-usd.ts';
import type { AnswerLengths } from '../predict/answer-lengths.ts';
import type { Ask, ShareView } from './ask.ts';
import type { Candidate } from '../../fleet/candidate.ts';
import type { Deployment } from '../../fleet/deployment.ts';
import type { DeploymentProfile } from '../predict/deployment-profile.ts';
import type { PriceOf } from '../provider-preference.ts';

export type ProfileOf = (candidate: Candidate, ask: Ask) => DeploymentProfile;

/** Stands in the column of prices for one that nobody knows. */
const unknownUsd = -1;
/** What a recent refusal costs, in requests. */
const refusalCost = 0.5;
/** What a soft cap's dollar counts at least where the objective counts none: a cap holds for those in a hurry too. */
const leastShareWeight = 0.2;
/** What a request costs where nobody has a price, so that a soft cap's price has something to be compared with. */
const usualUsd = 0.001;

/**
 * The costs of several candidates for one request, in columns that are written anew for the next: to choose allocates
 * nothing. Costs are in requests: 1 is one request that misses its SLO.
 */
export class Comparison {
  costs = new Float64Array(32);
  /** Without what soft caps add. */
  freeCosts = new Float64Array(32);
  usd = new Float64Array(32);
  shareUsd = new Float64Array(32);
  ttftMs = new Float64Array(32);
  /** Of whom these columns speak. */
  readonly profiles: (DeploymentProfile | undefined)[] = [];
  /** Whose profiles these are. The next request mostly compares the same, so that nothing need be looked up for it. */
  readonly #deployments: (Deployment | undefined)[] = [];
  /** What the answer should have. */
  outputTokens = 0;
  #perToken = 0;
  readonly found = emptyEstimate();
  readonly #tuning: ChoiceTuning;
  readonly #shares: ShareView | undefined;
  readonly #priceOf: PriceOf;

  constructor(tuning: ChoiceTuning, shares: ShareView | undefined, priceOf: PriceOf) {
    this.#tuning = tuning;
    this.#shares = shares;
    this.#priceOf = priceOf;
  }

  /** Fills the columns. `profileOf` gives what is known of a candidate's deployment. */
  run(candidates: readonly Candidate[], ask: Ask, lengths: AnswerLengths, nowMs: number, profileOf: ProfileOf): void {
    if (this.costs.length < candidates.length) this.#grow(candidates.length);
    const { found } = this;
    this.#expect(ask, lengths);
    found.cachedTokens = 0;
    const weights = objectiveWeights[ask.objective];
    const countsMoney = weights.money > 0 || this.#shares?.isOpen() === false;
    for (let index = 0; index < candidates.length; index += 1) {
      const candidate = candidates[index];
      if (candidate === undefined) continue;
      const profile = this.#profileAt(index, candidate, ask, profileOf);
      estimate(profile, ask, this.outputTokens, this.#perToken, nowMs, this.#tuning, found);
      this.ttftMs[index] = found.ttftMs;
      const cost = found.late + found.harm + weights.time * found.time + refusalCost * profile.refusals(nowMs);
      this.freeCosts[index] = cost;
      this.costs[index] = cost;
      if (countsMoney) this.usd[index] = requestUsd(this.#priceOf(candidate), ask.promptTokens, found.cachedTokens, this.outputTokens) ?? unknownUsd;
    }
    if (countsMoney) this.#addMoney(candidates, ask, nowMs, weights.money);
  }

  /** Profiles may have been given up: they are looked up again. */
  forget(): void {
    this.#deployments.length = 0;
  }

  #profileAt(index: number, candidate: Candidate, ask: Ask, profileOf: ProfileOf): DeploymentProfile {
    const known = this.profiles[index];
    if (known !== undefined && this.#deployments[index] === candidate.deployment) return known;
    const profile = profileOf(candidate, ask);
    this.profiles[index] = profile;
    this.#deployments[index] = candidate.deployment;
    return profile;
  }

  /** Predicts for one candidate, as `run` would. */
  look(profile: DeploymentProfile, ask: Ask, lengths: AnswerLengths, nowMs: number): void {
    this.#expect(ask, lengths);
    estimate(profile, ask, this.outputTokens, this.#perToken, nowMs, this.#tuning, this.found);
  }

  /** What the request should cost there; undefined without a known price. */
  usdAt(candidate: Candidate, ask: Ask, profile: DeploymentProfile): number | undefined {
    return requestUsd(this.#priceOf(candidate), ask.promptTokens, profile.cachedTokens(ask, this.found.cachedTokens), this.outputTokens);
  }

  #expect(ask: Ask, lengths: AnswerLengths): void {
    const kind = lengths.kindOf(ask);
    this.outputTokens = lengths.mean(kind, ask.maxTokens);
    this.#perToken = lengths.meanReciprocal(kind, ask.maxTokens);
  }

  #addMoney(candidates: readonly Candidate[], ask: Ask, nowMs: number, weight: number): void {
    const tokens = ask.promptTokens + this.outputTokens;
    const shares = this.#shares?.isOpen() === false && !this.#shares.isFree(nowMs) ? this.#shares : undefined;
    let least = Infinity;
    let most = 0;
    for (let index = 0; index < candidates.length; index += 1) {
      const usd = this.usd[index] ?? unknownUsd;
      if (usd < 0) continue;
      least = Math.min(least, usd);
      most = Math.max(most, usd);
    }
    const unit = least > 0 && least < Infinity ? least : usualUsd;
    const shareWeight = Math.max(weight, leastShareWeight);
    const size: { readonly tokens: number; usd: number | undefined } = { tokens, usd: undefined };
    for (let index = 0; index < candidates.length; index += 1) {
      const known = this.usd[index] ?? unknownUsd;
      // Who has no price is taken for the dearest of those who have one.
      const usd = known < 0 ? Math.max(most, unit) : known;
      const candidate = shares === undefined ? undefined : candidates[index];
      size.usd = known < 0 ? undefined : known;
      const share = candidate === undefined ? 0 : (shares?.priceUsd(candidate, size, nowMs, index) ?? 0);
      const cost = (this.freeCosts[index] ?? 0) + weight * (1 - unit / Math.max(unit, usd));
      this.shareUsd[index] = share;
      this.freeCosts[index] = cost;
      this.costs[index] = cost + shareWeight * (share / unit);
    }
  }

  #grow(count: number): void {
    this.costs = new Float64Array(count * 2);
    this.freeCosts = new Float64Array(count * 2);
    this.usd = new Float64Array(count * 2);
    this.shareUsd = new Float64Array(count * 2);
    this.ttftMs = new Float64Array(count * 2);
  }
}
