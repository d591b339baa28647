import type { Candidate, EndpointState } from './candidate.ts';
import type { Clock } from '../std/clock.ts';
import type { Deployment } from './deployment.ts';
import type { DeploymentHealth, EndpointHealth } from './endpoint-health.ts';
import type { Endpoint } from './endpoint.ts';
import type { HealthEffect } from './health-effect.ts';

/** What is kept of an endpoint while it runs. */
interface Tracked {
  endpoint: Endpoint;
  deployments: readonly Deployment[];
  /** What the operator or the endpoint's supervisor says; health is kept apart, because it changes by itself. */
  declared: Exclude<EndpointState, DeploymentHealth['state']> | 'ready';
  readonly health: EndpointHealth;
  /** Each deployment as it was last seen, with the health that it was seen in. */
  lastSeen: { readonly told: DeploymentHealth; readonly candidate: Candidate }[];
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

  /** `newHealth`: makes the judge of one endpoint's health. */
  constructor(clock: Clock, newHealth: () => EndpointHealth) {
    this.#clock = clock;
    this.#newHealth = newHealth;
  }

  /** Adds an endpoint, or replaces what is known of it (after discovery, for instance) and keeps its load. */
  put(endpoint: Endpoint, deployments: readonly Deployment[], declared: Tracked['declared']): void {
    const known = this.#tracked.get(endpoint.id);
    if (known === undefined) {
      this.#tracked.set(endpoint.id, {
        endpoint,
        deployments,
        declared,
        health: this.#newHealth(),
        lastSeen: [],
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
    tracked.deployments = [];
    tracked.declared = 'down';
    tracked.whenIdle = whenIdle;
    this.#forgetIdle(endpointId, tracked);
  }

  #forgetIdle(endpointId: string, { running, whenIdle }: Tracked): void {
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
    if (declared === 'ready') tracked.health.forgive();
  }

  declaredState(endpointId: string): Tracked['declared'] | undefined {
    return this.#tracked.get(endpointId)?.declared;
  }

  /** Load counts at dispatch, not at response, so that a burst spreads (DESIGN §6). */
  began(endpointId: string): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked !== undefined) tracked.running += 1;
  }

  ended(endpointId: string): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked === undefined) return;
    tracked.running -= 1;
    this.#forgetIdle(endpointId, tracked);
  }

  /** An answer of a deployment was whole. */
  succeeded(endpointId: string, deploymentId: string): void {
    this.#tracked.get(endpointId)?.health.succeeded(deploymentId, this.#clock.nowMs());
  }

  /** A deployment brought its first content: a trial has passed, however long the answer takes. */
  answering(endpointId: string, deploymentId: string): void {
    this.#tracked.get(endpointId)?.health.answering(deploymentId, this.#clock.nowMs());
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
  failed(endpointId: string, deploymentId: string, what: string, effect: HealthEffect): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked === undefined) return;
    // Of an endpoint that is known to be lost, a broken connection is only the symptom: the cause stays told.
    if (tracked.declared !== 'down') tracked.lastFault = { atWallMs: this.#clock.wallMs(), what };
    tracked.health.failed(deploymentId, effect, this.#clock.nowMs());
  }

  candidates(): readonly Candidate[] {
    const nowMs = this.#clock.nowMs();
    const all: Candidate[] = [];
    for (const tracked of this.#tracked.values()) {
      for (let index = 0; index < tracked.deployments.length; index++) {
        const candidate = candidateOf(tracked, index, nowMs);
        if (candidate !== undefined) all.push(candidate);
      }
    }
    return all;
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

/** One deployment as a candidate; the one of before where nothing changed, which is the usual case in a large fleet. */
function candidateOf(tracked: Tracked, index: number, nowMs: number): Candidate | undefined {
  const deployment = tracked.deployments[index];
  if (deployment === undefined) return undefined;
  const { endpoint, declared, health, running } = tracked;
  const told = health.of(deployment.id, nowMs);
  const last = tracked.lastSeen[index];
  const state = declared === 'ready' ? told.state : declared;
  const isSame =
    last !== undefined &&
    last.told === told &&
    last.candidate.running === running &&
    last.candidate.state === state &&
    last.candidate.endpoint === endpoint;
  if (isSame && last.candidate.deployment === deployment) return last.candidate;
  const candidate: Candidate = { ...told, endpoint, deployment, running, state };
  tracked.lastSeen[index] = { told, candidate };
  return candidate;
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
