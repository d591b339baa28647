import { emptyEstimate, emptyOutlook, estimate, patienceOf, type ChoiceTuning } from './estimate.ts';
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
  /** Whether caps on shares may have added to anybody's cost. */
  hasShares = false;
  /** Of whom these columns speak. */
  readonly profiles: (DeploymentProfile | undefined)[] = [];
  /** Whose profiles these are. The next request mostly compares the same, so that nothing need be looked up for it. */
  readonly #deployments: (Deployment | undefined)[] = [];
  readonly #outlook = emptyOutlook();
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
    const { found, costs, freeCosts, usd, ttftMs } = this;
    this.#expect(ask, lengths, nowMs);
    found.cachedTokens = 0;
    const outlook = this.#outlook;
    const { promptTokens, outputTokens } = outlook;
    const { time, money } = objectiveWeights[ask.objective];
    const countsMoney = money > 0 || this.#shares?.isOpen() === false;
    let leastUsd = Infinity;
    let mostUsd = 0;
    for (let index = 0; index < candidates.length; index += 1) {
      const candidate = candidates[index];
      if (candidate === undefined) continue;
      const profile = this.#profileAt(index, candidate, ask, profileOf);
      estimate(profile, ask, outlook, this.#tuning, found);
      ttftMs[index] = found.ttftMs;
      const cost = found.late + found.harm + time * found.time + refusalCost * profile.refusals(nowMs);
      freeCosts[index] = cost;
      costs[index] = cost;
      if (!countsMoney) continue;
      const known = requestUsd(this.#priceOf(candidate), promptTokens, found.cachedTokens, outputTokens) ?? unknownUsd;
      usd[index] = known;
      if (known < 0) continue;
      leastUsd = Math.min(leastUsd, known);
      mostUsd = Math.max(mostUsd, known);
    }
    this.hasShares = false;
    if (!countsMoney) return;
    this.#addMoney(candidates.length, money, leastUsd, mostUsd);
    const shares = this.#shares;
    if (shares?.isOpen() === false && !shares.isFree(nowMs)) this.#addShares(candidates, ask, nowMs, shares, money, leastUsd);
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
    this.#expect(ask, lengths, nowMs);
    estimate(profile, ask, this.#outlook, this.#tuning, this.found);
  }

  /** What the answer should have. */
  get outputTokens(): number {
    return this.#outlook.outputTokens;
  }

  /** What the request should cost there; undefined without a known price. */
  usdAt(candidate: Candidate, ask: Ask, profile: DeploymentProfile): number | undefined {
    return requestUsd(this.#priceOf(candidate), ask.promptTokens, profile.cachedTokens(ask, this.found.cachedTokens), this.outputTokens);
  }

  #expect(ask: Ask, lengths: AnswerLengths, nowMs: number): void {
    const outlook = this.#outlook;
    const kind = lengths.kindOf(ask);
    const outputTokens = lengths.mean(kind, ask.maxTokens);
    outlook.nowMs = nowMs;
    outlook.promptTokens = ask.promptTokens;
    outlook.outputTokens = outputTokens;
    outlook.perToken = lengths.meanReciprocal(kind, ask.maxTokens);
    outlook.patienceMs = patienceOf(ask.slo, outputTokens);
  }

  #addMoney(count: number, weight: number, leastUsd: number, mostUsd: number): void {
    const { costs, freeCosts, usd, shareUsd } = this;
    const unit = unitOf(leastUsd);
    // Who has no price is taken for the dearest of those who have one.
    const unsaid = Math.max(mostUsd, unit);
    for (let index = 0; index < count; index += 1) {
      const known = usd[index] ?? unknownUsd;
      const cost = (freeCosts[index] ?? 0) + weight * (1 - unit / Math.max(unit, known < 0 ? unsaid : known));
      shareUsd[index] = 0;
      freeCosts[index] = cost;
      costs[index] = cost;
    }
  }

  #addShares(candidates: readonly Candidate[], ask: Ask, nowMs: number, shares: ShareView, moneyWeight: number, leastUsd: number): void {
    this.hasShares = true;
    const unit = unitOf(leastUsd);
    const weight = Math.max(moneyWeight, leastShareWeight);
    const size: { readonly tokens: number; usd: number | undefined } = { tokens: ask.promptTokens + this.outputTokens, usd: undefined };
    for (let index = 0; index < candidates.length; index += 1) {
      const candidate = candidates[index];
      if (candidate === undefined) continue;
      const known = this.usd[index] ?? unknownUsd;
      size.usd = known < 0 ? undefined : known;
      const share = shares.priceUsd(candidate, size, nowMs, index);
      this.shareUsd[index] = share;
      this.costs[index] = (this.freeCosts[index] ?? 0) + weight * (share / unit);
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

/** What a price is compared with. */
function unitOf(leastUsd: number): number {
  return leastUsd > 0 && leastUsd < Infinity ? leastUsd : usualUsd;
}
