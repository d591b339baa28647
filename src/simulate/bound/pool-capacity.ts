import type { Fault } from '../fault/fault.ts';
import type { ReplicaSpec } from '../fleet-spec.ts';

/**
 * The time of a pool's replicas between two moments, in milliseconds of modelled step time: none while one is lost, a
 * half while it takes twice as long. Drift counts as the fastest that it may become.
 */
export function poolCapacity(replicas: readonly ReplicaSpec[], faults: readonly Fault[], fromMs: number, toMs: number): number {
  let sum = 0;
  for (const spec of replicas) {
    const striking = faults.filter(({ target }) => (target.by === 'replica' ? spec.id : spec[target.by]) === target.name);
    const readyMs = Math.max(fromMs, spec.readyAtMs);
    let own = Math.max(0, toMs - readyMs);
    let fastest = 1;
    for (const fault of striking) {
      if (fault.kind === 'drift') fastest = Math.max(fastest, 1 / (1 - fault.most));
      if (fault.kind !== 'loss' && fault.kind !== 'slow') continue;
      const endMs = fault.atMs + fault.forMs + (fault.kind === 'loss' ? fault.coldStartMs : 0);
      const struckMs = Math.max(0, Math.min(toMs, endMs) - Math.max(readyMs, fault.atMs));
      own -= fault.kind === 'loss' ? struckMs : struckMs * (1 - 1 / fault.factor);
      // A step that has begun goes on as it began.
      if (fault.kind === 'slow' && struckMs > 0) own += oneStepMs;
    }
    // Faults that overlap are taken off twice above; a bound must not be too low.
    if (striking.filter(({ kind }) => kind === 'loss' || kind === 'slow').length > 1) own = Math.max(0, toMs - readyMs);
    sum += Math.max(0, own) * fastest;
  }
  return sum;
}

const oneStepMs = 1000;
