import { Avoidance } from './avoidance.ts';
import { RollingCounts } from './rolling-counts.ts';
import type { DeploymentHealth, EndpointHealth } from '../fleet/endpoint-health.ts';
import type { HealthEffect } from '../fleet/health-effect.ts';
import type { HealthRules } from './health-rules.ts';
import type { Random } from '../std/random.ts';

/** So many whole answers in a row end an ejection early: where all are ejected, even the ejected are tried. */
const successesThatReturn = 3;
/** The share that a place gets in the moment of its return. */
const firstWeight = 0.1;

const untroubled: DeploymentHealth = { state: 'ready', cause: undefined, releaseInMs: 0, weight: 1, penalised: false };

/** What is known of one deployment apart from its endpoint. */
interface Place {
  readonly misconfigured: Avoidance;
  parkedUntilMs: number;
  penalisedUntilMs: number;
}

/** The circuit breaker of one endpoint and of each deployment on it: a pure state machine, told the time at each call. */
export class Breaker implements EndpointHealth {
  readonly #rules: HealthRules;
  readonly #random: Random;
  readonly #failing: Avoidance;
  readonly #unusable: Avoidance;
  readonly #results: RollingCounts<'ok' | 'failed'>;
  /** One for each deployment that ever failed in a way of its own: no more than the endpoint has. */
  readonly #places = new Map<string, Place>();
  #failuresInARow = 0;
  #successesInARow = 0;

  constructor(rules: HealthRules, random: Random) {
    this.#rules = rules;
    this.#random = random;
    this.#failing = this.#avoidance(rules.ejectionMs, rules.longestEjectionMs);
    this.#unusable = this.#avoidance(rules.setAsideMs, rules.longestSetAsideMs);
    this.#results = new RollingCounts(['ok', 'failed'], rules.windowSeconds);
  }

  succeeded(deploymentId: string, nowMs: number): void {
    this.#failuresInARow = 0;
    this.#successesInARow += 1;
    this.#results.add('ok', nowMs);
    if (this.#successesInARow >= successesThatReturn) this.#failing.end(nowMs);
    this.answering(deploymentId, nowMs);
  }

  answering(deploymentId: string, nowMs: number): void {
    this.#failing.pass(nowMs);
    this.#unusable.end(nowMs);
    this.#places.get(deploymentId)?.misconfigured.end(nowMs);
  }

  failed(deploymentId: string, effect: HealthEffect, nowMs: number): void {
    switch (effect.kind) {
      case 'none':
        return;
      case 'failure':
        return this.#oneFailure(nowMs);
      case 'busy': {
        const place = this.#place(deploymentId);
        place.parkedUntilMs = Math.max(place.parkedUntilMs, nowMs + effect.retryAfterMs);
        place.penalisedUntilMs = nowMs + this.#rules.penaltyMs;
        return;
      }
      case 'unusable':
        return this.#unusable.hit(nowMs);
      case 'misconfigured':
        return this.#place(deploymentId).misconfigured.hit(nowMs);
    }
  }

  claimTrial(deploymentId: string, nowMs: number): boolean {
    const claimed = this.#avoidances(deploymentId).map(({ avoidance }) => avoidance.claimTrial(nowMs));
    return claimed.includes(true);
  }

  forgive(): void {
    this.#failing.forgive();
    this.#unusable.forgive();
    this.#places.clear();
    this.#results.clear();
    this.#failuresInARow = 0;
  }

  of(deploymentId: string, nowMs: number): DeploymentHealth {
    if (this.#isUntroubled(nowMs)) return untroubled;
    const place = this.#places.get(deploymentId);
    const all = this.#avoidances(deploymentId);
    const avoided = all.filter(({ avoidance }) => avoidance.state(nowMs) === 'avoided');
    const rest = { weight: this.#weight(nowMs), penalised: place !== undefined && nowMs < place.penalisedUntilMs };
    if (avoided.length > 0) {
      const releaseInMs = Math.max(...avoided.map(({ avoidance }) => avoidance.releaseInMs(nowMs)));
      return { state: 'ejected', cause: avoided[0]?.cause, releaseInMs, ...rest };
    }
    if (place !== undefined && nowMs < place.parkedUntilMs)
      return { state: 'parked', cause: undefined, releaseInMs: place.parkedUntilMs - nowMs, ...rest };
    const onTrial = all.find(({ avoidance }) => avoidance.state(nowMs) === 'trial');
    return { state: onTrial === undefined ? 'ready' : 'trial', cause: onTrial?.cause, releaseInMs: 0, ...rest };
  }

  /** The usual case, which every choice asks of every endpoint. */
  #isUntroubled(nowMs: number): boolean {
    return this.#places.size === 0 && this.#failing.state(nowMs) === 'off' && this.#unusable.state(nowMs) === 'off' && this.#weight(nowMs) === 1;
  }

  #oneFailure(nowMs: number): void {
    this.#failuresInARow += 1;
    this.#successesInARow = 0;
    this.#results.add('failed', nowMs);
    if (this.#failing.state(nowMs) !== 'off' || this.#failuresInARow >= this.#rules.failuresInARow || this.#failsTooOften(nowMs))
      this.#failing.hit(nowMs);
  }

  #failsTooOften(nowMs: number): boolean {
    const failed = this.#results.total('failed', nowMs);
    const all = failed + this.#results.total('ok', nowMs);
    return all >= this.#rules.leastResults && failed >= all * this.#rules.failedShare;
  }

  /** Slow start: from a tenth of its share to the whole of it, in a straight line. */
  #weight(nowMs: number): number {
    const backForMs = this.#failing.backForMs(nowMs);
    if (backForMs === undefined || backForMs >= this.#rules.slowStartMs) return 1;
    return firstWeight + (1 - firstWeight) * (backForMs / this.#rules.slowStartMs);
  }

  /** The gravest first. */
  #avoidances(deploymentId: string): readonly { readonly cause: 'unusable' | 'misconfigured' | 'failing'; readonly avoidance: Avoidance }[] {
    const misconfigured = this.#places.get(deploymentId)?.misconfigured;
    return [
      { cause: 'unusable', avoidance: this.#unusable },
      ...(misconfigured === undefined ? [] : [{ cause: 'misconfigured' as const, avoidance: misconfigured }]),
      { cause: 'failing', avoidance: this.#failing },
    ];
  }

  #place(deploymentId: string): Place {
    let place = this.#places.get(deploymentId);
    if (place === undefined) {
      const { setAsideMs, longestSetAsideMs } = this.#rules;
      place = { misconfigured: this.#avoidance(setAsideMs, longestSetAsideMs), parkedUntilMs: 0, penalisedUntilMs: 0 };
      this.#places.set(deploymentId, place);
    }
    return place;
  }

  #avoidance(firstMs: number, longestMs: number): Avoidance {
    return new Avoidance({ firstMs, longestMs, jitter: this.#rules.jitter, rememberMs: 2 * longestMs }, this.#random);
  }
}
