import type { Price } from '../fleet/deployment.ts';
import type { ReplicaShape } from './replica/batching-replica.ts';
import type { StepPrior } from './step-prior.ts';

/** What a request must keep to count as good. */
export interface SloClass {
  readonly name: string;
  readonly ttftMs: number;
  /** Over the whole answer: (end − first token) ÷ (tokens − 1). */
  readonly tpotMs: number;
  readonly totalMs?: number;
}

/** One engine of a simulated fleet: what it is. Routers see its name, vendor, chip and price, never its speed. */
export interface ReplicaSpec {
  readonly id: string;
  /** Replicas that are alike share a pool: the bound counts them together, reports sum by it. */
  readonly pool: string;
  readonly vendor: string;
  readonly chip: string;
  readonly model: string;
  readonly shape: ReplicaShape;
  /** What its data sheet lets one expect, which hidden truths make wrong; absent where nobody has one. */
  readonly prior?: StepPrior | undefined;
  /** Requests that may wait; the next one gets a 429. */
  readonly maxWaiting: number;
  readonly price: Price | undefined;
  /** Takes requests from then on; before, it starts. */
  readonly readyAtMs: number;
}

export interface FleetSpec {
  readonly replicas: readonly ReplicaSpec[];
  readonly sloClasses: readonly SloClass[];
}
