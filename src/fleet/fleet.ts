import type { Candidate, EndpointState, Place } from './candidate.ts';
import type { Clock } from '../std/clock.ts';
import type { Deployment } from './deployment.ts';
import { isUntroubled, type DeploymentHealth, type EndpointHealth } from './endpoint-health.ts';
import type { Endpoint } from './endpoint.ts';
import type { HealthEffect } from './health-effect.ts';

/** What is kept of an endpoint while it runs. */
interface Tracked {
  endpoint: Endpoint;
  deployments: readonly Deployment[];
  /** What the operator or the endpoint's supervisor says; health is kept apart, because it changes by itself. */
  declared: Exclude<EndpointState, DeploymentHealth['state']> | 'ready';
  readonly health: EndpointHealth;
  /** Where its first deployment stands among the candidates. */
  at: number;
  /** Whether it is among those of which something changed since candidates were asked for. */
  isTouched: boolean;
  running: number;
  lastFault: { readonly atWallMs: number; readonly what: string } | undefined;
  note: () => string | null;
  /** Set where it is to be forgotten as soon as nothing runs there. */
  whenIdle: (() => void) | undefined;
}

/** One endpoint as the control API shows it. */
export interface EndpointStatus {
  readonly id: string;
  readonly vendor: string;
  readonly chip: string;
  readonly evidence: string;
  readonly models: readonly string[];
  readonly state: EndpointState;
  /** Why it is in a state that ends by itself, and when that is; null in any other. */
  readonly avoided: { readonly why: string; readonly untilWallMs: number } | null;
  readonly running: number;
  readonly failureDomains: readonly string[];
  readonly processor: string;
  readonly address: string;
  /** What it costs, used or not, where it is the operator's own and that was said. */
  readonly usdPerHour: number | null;
  readonly lastFault: { readonly atWallMs: number; readonly what: string } | null;
  /** What the endpoint says of itself: an emulator, whether it held its profile on this machine. */
  readonly note: string | null;
}

/** What is known of all endpoints: who serves which model, who is ready, and how many requests run where. */
export class Fleet {
  readonly #clock: Clock;
  readonly #newHealth: () => EndpointHealth;
  readonly #tracked = new Map<string, Tracked>();
  /** All candidates as they were last asked for; undefined where endpoints came, went or changed since. */
  #seen: readonly Candidate[] | undefined;
  /** Those of which something changed since, and those that change by themselves: only these are looked at again. */
  readonly #touched: Tracked[] = [];
  readonly #restless = new Set<Tracked>();
  #places: readonly Place[] | undefined;

  /** `newHealth`: makes the judge of one endpoint's health. */
  constructor(clock: Clock, newHealth: () => EndpointHealth) {
    this.#clock = clock;
    this.#newHealth = newHealth;
  }

  /** Adds an endpoint, or replaces what is known of it (after discovery, for instance) and keeps its load. */
  put(endpoint: Endpoint, deployments: readonly Deployment[], declared: Tracked['declared']): void {
    this.#places = undefined;
    const known = this.#tracked.get(endpoint.id);
    this.#seen = undefined;
    if (known === undefined) {
      this.#tracked.set(endpoint.id, {
        endpoint,
        deployments,
        declared,
        health: this.#newHealth(),
        at: 0,
        isTouched: false,
        running: 0,
        lastFault: undefined,
        note: () => null,
        whenIdle: undefined,
      });
      return;
    }
    known.whenIdle = undefined;
    known.endpoint = endpoint;
    known.deployments = deployments;
    // Somebody took it out, and whoever puts it in again says so.
    if (known.declared !== 'unplugged') this.declare(endpoint.id, declared);
  }

  /**
   * Takes an endpoint out: nobody is sent there any more, what runs there goes on, and when that is over `whenIdle` runs
   * and all is forgotten, unless it was put back meanwhile.
   */
  remove(endpointId: string, whenIdle: () => void): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked === undefined) return;
    this.#seen = undefined;
    this.#restless.delete(tracked);
    this.#places = undefined;
    tracked.deployments = [];
    tracked.declared = 'down';
    tracked.whenIdle = whenIdle;
    this.#forgetIdle(endpointId, tracked);
  }

  #forgetIdle(endpointId: string, tracked: Tracked): void {
    const { running, whenIdle } = tracked;
    if (whenIdle === undefined || running > 0) return;
    this.#tracked.delete(endpointId);
    whenIdle();
  }

  /** Lets an endpoint speak for itself in its status. */
  annotate(endpointId: string, note: () => string | null): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked !== undefined) tracked.note = note;
  }

  has(endpointId: string): boolean {
    return this.#tracked.has(endpointId);
  }

  endpoint(endpointId: string): Endpoint | undefined {
    return this.#tracked.get(endpointId)?.endpoint;
  }

  /** Sets what is known from outside; `ready` also forgives the failures before it. */
  declare(endpointId: string, declared: Tracked['declared']): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked === undefined) return;
    // An unplugged endpoint stays so until somebody plugs it in, whatever its supervisor reports meanwhile.
    if (tracked.declared === 'unplugged' && declared !== 'ready' && declared !== 'unplugged') return;
    tracked.declared = declared;
    this.#touch(tracked);
    if (declared === 'ready') tracked.health.forgive();
  }

  declaredState(endpointId: string): Tracked['declared'] | undefined {
    return this.#tracked.get(endpointId)?.declared;
  }

  /** Load counts at dispatch, not at response, so that a burst spreads (DESIGN §6). */
  began(endpointId: string): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked === undefined) return;
    tracked.running += 1;
    this.#touch(tracked);
  }

  ended(endpointId: string): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked === undefined) return;
    tracked.running -= 1;
    this.#touch(tracked);
    this.#forgetIdle(endpointId, tracked);
  }

  /** An answer of a deployment was whole. */
  succeeded(endpointId: string, deploymentId: string, nowMs = this.#clock.nowMs()): void {
    this.#tracked.get(endpointId)?.health.succeeded(deploymentId, nowMs);
  }

  /** A deployment brought its first content: a trial has passed, however long the answer takes. */
  answering(endpointId: string, deploymentId: string, nowMs = this.#clock.nowMs()): void {
    this.#tracked.get(endpointId)?.health.answering(deploymentId, nowMs);
  }

  /** Takes the trial of a deployment that is in state `trial`; false where another request took it first. */
  claimTrial(endpointId: string, deploymentId: string): boolean {
    return this.#tracked.get(endpointId)?.health.claimTrial(deploymentId, this.#clock.nowMs()) ?? false;
  }

  /** An endpoint is gone, by the word of whoever supervises it. */
  lost(endpointId: string, what: string): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked === undefined) return;
    tracked.lastFault = { atWallMs: this.#clock.wallMs(), what };
    this.declare(endpointId, 'down');
  }

  /** An attempt failed on a deployment of an endpoint. */
  failed(endpointId: string, deploymentId: string, what: string, effect: HealthEffect, nowMs = this.#clock.nowMs()): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked === undefined) return;
    // Of an endpoint that is known to be lost, a broken connection is only the symptom: the cause stays told.
    if (tracked.declared !== 'down') tracked.lastFault = { atWallMs: this.#clock.wallMs(), what };
    tracked.health.failed(deploymentId, effect, nowMs);
    this.#touch(tracked);
  }

  /** Who serves what, whatever its health: the same array until an endpoint comes, changes or goes. */
  places(): readonly Place[] {
    this.#places ??= [...this.#tracked.values()].flatMap(({ endpoint, deployments }) => deployments.map((deployment) => ({ endpoint, deployment })));
    return this.#places;
  }

  /** Every deployment as it stands in this moment. The list is the caller's to keep: it does not change any more. */
  candidates(nowMs = this.#clock.nowMs()): readonly Candidate[] {
    if (this.#seen === undefined) return this.#lookAtAll(nowMs);
    if (this.#touched.length === 0 && this.#restless.size === 0) return this.#seen;
    const all = [...this.#seen];
    for (let tracked = this.#nextTouched(); tracked !== undefined; tracked = this.#nextTouched()) this.#look(tracked, all, nowMs);
    if (this.#restless.size > 0) for (const tracked of this.#restless) this.#look(tracked, all, nowMs);
    this.#seen = all;
    return all;
  }

  #touch(tracked: Tracked): void {
    if (tracked.isTouched) return;
    tracked.isTouched = true;
    this.#touched.push(tracked);
  }

  /** Takes one of those of which something changed, which then counts as looked at. */
  #nextTouched(): Tracked | undefined {
    const tracked = this.#touched.pop();
    if (tracked !== undefined) tracked.isTouched = false;
    return tracked;
  }

  #lookAtAll(nowMs: number): readonly Candidate[] {
    const all: Candidate[] = [];
    while (this.#nextTouched() !== undefined);
    for (const tracked of this.#tracked.values()) {
      tracked.at = all.length;
      this.#look(tracked, all, nowMs);
    }
    this.#seen = all;
    return all;
  }

  /** Sees one endpoint's deployments as they are now. */
  #look(tracked: Tracked, all: Candidate[], nowMs: number): void {
    const { endpoint, declared, health, running, at } = tracked;
    let isRestless = false;
    let index = at;
    for (const deployment of tracked.deployments) {
      const told = health.of(deployment.id, nowMs);
      isRestless ||= !isUntroubled(told);
      const { cause, releaseInMs, weight, penalised } = told;
      const state = declared === 'ready' ? told.state : declared;
      all[index] = { endpoint, deployment, state, running, cause, releaseInMs, weight, penalised };
      index += 1;
    }
    if (isRestless) this.#restless.add(tracked);
    else if (this.#restless.size > 0) this.#restless.delete(tracked);
  }

  /** The logical names of all models, each once, in the order in which they were added. */
  models(): readonly string[] {
    return [...new Set([...this.#tracked.values()].flatMap(({ deployments }) => deployments.map(({ model }) => model)))];
  }

  status(): readonly EndpointStatus[] {
    const nowMs = this.#clock.nowMs();
    return [...this.#tracked.values()].map((tracked) => {
      const { endpoint } = tracked;
      const health = tracked.declared === 'ready' ? healthOf(tracked, nowMs) : undefined;
      return {
        id: endpoint.id,
        vendor: endpoint.silicon.vendor,
        chip: endpoint.silicon.chip,
        evidence: endpoint.silicon.evidence,
        models: tracked.deployments.map(({ model }) => model),
        state: health?.state ?? tracked.declared,
        avoided:
          health === undefined || health.releaseInMs === 0
            ? null
            : { why: whyAvoided(health), untilWallMs: this.#clock.wallMs() + Math.ceil(health.releaseInMs) },
        running: tracked.running,
        failureDomains: endpoint.failureDomains,
        processor: endpoint.processor,
        address: endpoint.address.kind === 'url' ? `${endpoint.address.origin}${endpoint.address.basePath}` : 'on this machine',
        usdPerHour: endpoint.usdPerHour ?? null,
        lastFault: tracked.lastFault ?? null,
        note: tracked.note(),
      };
    });
  }
}

/** An endpoint does as well as the best of its deployments. */
function healthOf({ deployments, health }: Tracked, nowMs: number): DeploymentHealth | undefined {
  const order: readonly DeploymentHealth['state'][] = ['ready', 'trial', 'parked', 'ejected'];
  const all = deployments.map(({ id }) => health.of(id, nowMs));
  return all.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.releaseInMs - b.releaseInMs)[0];
}

function whyAvoided({ state, cause }: DeploymentHealth): string {
  if (state === 'parked') return 'it asked to be left alone for a while';
  if (cause === 'unusable') return 'nothing can succeed there until somebody acts: its key, account, certificate or URL';
  return cause === 'misconfigured' ? 'it does not know the model that is configured' : 'it failed too often';
}
