import type { Fault, FaultTarget } from './fault.ts';
import type { Random } from '../../std/random.ts';
import type { ReplicaSpec } from '../fleet-spec.ts';

/** One change of one replica. */
export type FaultAction =
  | { readonly kind: 'lose' }
  | { readonly kind: 'start' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'slow'; readonly factor: number }
  | { readonly kind: 'drift'; readonly factor: number }
  | { readonly kind: 'refuse'; readonly share: number; readonly retryAfterMs: number }
  | { readonly kind: 'keep-kv'; readonly share: number };

export interface DueFault {
  readonly atMs: number;
  readonly replica: number;
  readonly action: FaultAction;
}

/** What happens to which replica when. Drift has no end, so its next steps are made as time goes on. */
export class FaultSchedule {
  readonly #due: DueFault[];
  readonly #drifts: { readonly fault: Fault & { kind: 'drift' }; readonly replica: number; nextMs: number; walk: number }[] = [];
  readonly #random: Random;

  constructor(faults: readonly Fault[], replicas: readonly ReplicaSpec[], random: Random) {
    this.#random = random;
    this.#due = replicas.flatMap(({ readyAtMs }, replica) =>
      readyAtMs > 0 ? [{ atMs: readyAtMs, replica, action: { kind: 'ready' as const } }] : [],
    );
    for (const fault of faults)
      for (const [replica, spec] of replicas.entries()) {
        if (!isStruck(spec, fault.target)) continue;
        if (fault.kind === 'drift') this.#drifts.push({ fault, replica, nextMs: fault.everyMs, walk: 0 });
        else this.#due.push(...actionsOf(fault, replica));
      }
    this.#due.sort((a, b) => b.atMs - a.atMs || b.replica - a.replica);
  }

  get nextMs(): number {
    return Math.min(this.#due.at(-1)?.atMs ?? Infinity, ...this.#drifts.map(({ nextMs }) => nextMs));
  }

  /** All that is due by now, in order. */
  take(nowMs: number): DueFault[] {
    const taken: DueFault[] = [];
    for (let due = this.#due.at(-1); due !== undefined && due.atMs <= nowMs; due = this.#due.at(-1)) {
      taken.push(due);
      this.#due.pop();
    }
    for (const drift of this.#drifts)
      while (drift.nextMs <= nowMs) {
        const { most, everyMs } = drift.fault;
        drift.walk = Math.max(-most, Math.min(most, drift.walk + (this.#random() - 0.5) * most));
        taken.push({ atMs: drift.nextMs, replica: drift.replica, action: { kind: 'drift', factor: 1 + drift.walk } });
        drift.nextMs += everyMs;
      }
    return taken;
  }
}

function isStruck(spec: ReplicaSpec, { by, name }: FaultTarget): boolean {
  return (by === 'replica' ? spec.id : spec[by]) === name;
}

function actionsOf(fault: Exclude<Fault, { kind: 'drift' }>, replica: number): DueFault[] {
  const { atMs } = fault;
  const endMs = atMs + fault.forMs;
  switch (fault.kind) {
    case 'loss':
      return [
        { atMs, replica, action: { kind: 'lose' } },
        { atMs: endMs, replica, action: { kind: 'start' } },
        { atMs: endMs + fault.coldStartMs, replica, action: { kind: 'ready' } },
      ];
    case 'slow':
      return [
        { atMs, replica, action: { kind: 'slow', factor: fault.factor } },
        { atMs: endMs, replica, action: { kind: 'slow', factor: 1 } },
      ];
    case 'refusals':
      return [
        { atMs, replica, action: { kind: 'refuse', share: fault.share, retryAfterMs: fault.retryAfterMs } },
        { atMs: endMs, replica, action: { kind: 'refuse', share: 0, retryAfterMs: 0 } },
      ];
    case 'kv-cliff':
      return [
        { atMs, replica, action: { kind: 'keep-kv', share: fault.share } },
        { atMs: endMs, replica, action: { kind: 'keep-kv', share: 1 } },
      ];
  }
}
