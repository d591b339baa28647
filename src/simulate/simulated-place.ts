import { BatchingReplica, type ReplicaListener } from './replica/batching-replica.ts';
import { Breaker } from '../policy/breaker.ts';
import { defaultHealthRules } from '../policy/health-rules.ts';
import type { Deployment } from '../fleet/deployment.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { EndpointState } from '../fleet/candidate.ts';
import type { Random } from '../std/random.ts';
import type { ReplicaSpec } from './fleet-spec.ts';
import type { ReplicaView } from './router.ts';

/** A replica with all that a gateway knows of it, kept as the gateway keeps it: its health by the production breaker. */
export class SimulatedPlace implements ReplicaView {
  readonly index: number;
  readonly spec: ReplicaSpec;
  readonly engine: BatchingReplica;
  readonly endpoint: Endpoint;
  readonly deployment: Deployment;
  readonly gauges = { asOfMs: 0, running: 0, waiting: 0, kvUsed: 0 };
  state: EndpointState;
  running = 0;
  cause: ReplicaView['cause'] = undefined;
  releaseInMs = 0;
  weight = 1;
  penalised = false;
  /** Whether it computes at all, which a gateway only learns by trying. */
  isUp: boolean;
  slowFactor = 1;
  driftFactor = 1;
  refusedShare = 0;
  retryAfterMs = 0;
  #isTroubled = false;
  readonly #health: Breaker;

  constructor(index: number, spec: ReplicaSpec, listener: ReplicaListener, random: Random) {
    this.index = index;
    this.spec = spec;
    this.engine = new BatchingReplica(spec.shape, listener);
    this.endpoint = endpointOf(spec);
    this.deployment = deploymentOf(spec);
    this.isUp = spec.readyAtMs <= 0;
    this.state = this.isUp ? 'ready' : 'starting';
    this.#health = new Breaker(defaultHealthRules, random);
  }

  get speedFactor(): number {
    return this.slowFactor * this.driftFactor;
  }

  /** Brings what routers see up to date; costs nothing while nothing is wrong. */
  refresh(nowMs: number): void {
    if (!this.#isTroubled || this.state === 'starting') return;
    const health = this.#health.of(this.deployment.id, nowMs);
    this.state = health.state;
    this.cause = health.cause;
    this.releaseInMs = health.releaseInMs;
    this.weight = health.weight;
    this.penalised = health.penalised;
    this.#isTroubled = health.state !== 'ready' || health.weight < 1 || health.penalised;
  }

  scrape(nowMs: number): void {
    this.gauges.asOfMs = nowMs;
    this.gauges.running = this.engine.runningCount;
    this.gauges.waiting = this.engine.waitingCount;
    this.gauges.kvUsed = Math.min(1, this.engine.memory.usedBlocks / Math.max(1, this.engine.memory.capacityBlocks));
  }

  claimTrial(nowMs: number): void {
    if (this.state === 'trial') this.#health.claimTrial(this.deployment.id, nowMs);
  }

  answering(nowMs: number): void {
    this.#health.answering(this.deployment.id, nowMs);
  }

  succeeded(nowMs: number): void {
    this.#health.succeeded(this.deployment.id, nowMs);
  }

  /** It refused with a 429 that asks for so long, or failed. */
  failed(retryAfterMs: number | undefined, nowMs: number): void {
    const effect = retryAfterMs === undefined ? ({ kind: 'failure' } as const) : ({ kind: 'busy', retryAfterMs } as const);
    this.#health.failed(this.deployment.id, effect, nowMs);
    this.#isTroubled = true;
    this.refresh(nowMs);
  }

  ready(): void {
    this.isUp = true;
    if (this.state === 'starting') this.state = 'ready';
  }
}

function endpointOf({ id, vendor, chip }: ReplicaSpec): Endpoint {
  return {
    id,
    address: { kind: 'url', origin: `http://${id}.simulated`, basePath: '/v1' },
    dialect: 'openai',
    // Nobody can call it, so no share can take it for a vendor's: what counts simulated tokens asks for them by name.
    silicon: { vendor, chip, evidence: 'declared' },
    processor: 'self',
    region: undefined,
    failureDomains: [],
    key: undefined,
    tokenIds: false,
    idsLeadText: false,
    prefill: { form: 'continue-final-message', repeats: false },
    billsAbandoned: false,
    extensions: [],
    passUnknownFields: true,
    allowPrivate: false,
  };
}

function deploymentOf({ id, model, price }: ReplicaSpec): Deployment {
  return {
    id: `${model}@${id}`,
    model,
    endpointId: id,
    upstreamModel: model,
    weights: 'simulated',
    engineBuild: 'simulated',
    contextTokens: undefined,
    price,
  };
}
