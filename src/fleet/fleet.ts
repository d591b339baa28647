import type { Candidate, EndpointState } from './candidate.ts';
import type { Clock } from '../std/clock.ts';
import type { Deployment } from './deployment.ts';
import type { Endpoint } from './endpoint.ts';
import type { HealthEffect } from './health-effect.ts';

/** What is kept of an endpoint while it runs. */
interface Tracked {
  endpoint: Endpoint;
  deployments: readonly Deployment[];
  /** What the operator or the endpoint's supervisor says; ejection is kept apart, because it ends by itself. */
  declared: Exclude<EndpointState, 'ejected'>;
  running: number;
  failuresInARow: number;
  ejectedUntilMs: number;
  lastFault: { readonly atWallMs: number; readonly what: string } | undefined;
  note: () => string | null;
}

/** One endpoint as the control API shows it. */
export interface EndpointStatus {
  readonly id: string;
  readonly vendor: string;
  readonly chip: string;
  readonly evidence: string;
  readonly models: readonly string[];
  readonly state: EndpointState;
  readonly running: number;
  readonly failureDomains: readonly string[];
  readonly processor: string;
  readonly address: string;
  readonly lastFault: { readonly atWallMs: number; readonly what: string } | null;
  /** What the endpoint says of itself: an emulator, whether it held its profile on this machine. */
  readonly note: string | null;
}

/** What is known of all endpoints: who serves which model, who is ready, and how many requests run where. */
export class Fleet {
  readonly #clock: Clock;
  readonly #ejectionMs: (failuresInARow: number) => number;
  readonly #tracked = new Map<string, Tracked>();

  /** `ejectionMs`: for how long an endpoint is avoided after so many failures in a row. */
  constructor(clock: Clock, ejectionMs: (failuresInARow: number) => number) {
    this.#clock = clock;
    this.#ejectionMs = ejectionMs;
  }

  /** Adds an endpoint, or replaces what is known of it (after discovery, for instance) and keeps its load. */
  put(endpoint: Endpoint, deployments: readonly Deployment[], declared: Tracked['declared']): void {
    const known = this.#tracked.get(endpoint.id);
    if (known === undefined) {
      this.#tracked.set(endpoint.id, {
        endpoint,
        deployments,
        declared,
        running: 0,
        failuresInARow: 0,
        ejectedUntilMs: 0,
        lastFault: undefined,
        note: () => null,
      });
      return;
    }
    known.endpoint = endpoint;
    known.deployments = deployments;
    this.declare(endpoint.id, declared);
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
    if (declared === 'ready') this.succeeded(endpointId);
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
    if (tracked !== undefined) tracked.running -= 1;
  }

  succeeded(endpointId: string): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked === undefined) return;
    tracked.failuresInARow = 0;
    tracked.ejectedUntilMs = 0;
  }

  /** An endpoint is gone, by the word of whoever supervises it. */
  lost(endpointId: string, what: string): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked === undefined) return;
    tracked.lastFault = { atWallMs: this.#clock.wallMs(), what };
    this.declare(endpointId, 'down');
  }

  /** An attempt failed on a deployment of an endpoint. */
  failed(endpointId: string, _deploymentId: string, what: string, health: HealthEffect): void {
    const tracked = this.#tracked.get(endpointId);
    if (tracked === undefined) return;
    // Of an endpoint that is known to be lost, a broken connection is only the symptom: the cause stays told.
    if (tracked.declared !== 'down') tracked.lastFault = { atWallMs: this.#clock.wallMs(), what };
    if (health.kind !== 'failure' && health.kind !== 'unusable') return;
    tracked.failuresInARow += 1;
    tracked.ejectedUntilMs = this.#clock.nowMs() + this.#ejectionMs(tracked.failuresInARow);
  }

  candidates(): readonly Candidate[] {
    const nowMs = this.#clock.nowMs();
    const all: Candidate[] = [];
    for (const tracked of this.#tracked.values()) {
      const state = stateOf(tracked, nowMs);
      for (const deployment of tracked.deployments) all.push({ endpoint: tracked.endpoint, deployment, state, running: tracked.running });
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
      return {
        id: endpoint.id,
        vendor: endpoint.silicon.vendor,
        chip: endpoint.silicon.chip,
        evidence: endpoint.silicon.evidence,
        models: tracked.deployments.map(({ model }) => model),
        state: stateOf(tracked, nowMs),
        running: tracked.running,
        failureDomains: endpoint.failureDomains,
        processor: endpoint.processor,
        address: endpoint.address.kind === 'url' ? `${endpoint.address.origin}${endpoint.address.basePath}` : 'on this machine',
        lastFault: tracked.lastFault ?? null,
        note: tracked.note(),
      };
    });
  }
}

function stateOf(tracked: Tracked, nowMs: number): EndpointState {
  return tracked.declared === 'ready' && nowMs < tracked.ejectedUntilMs ? 'ejected' : tracked.declared;
}
