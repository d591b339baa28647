import type { EndpointState } from '../../fleet/candidate.ts';

export interface WatchedPlace {
  readonly vendor: string;
  readonly models: readonly string[];
  readonly state: EndpointState;
}

/** A vendor of which nothing that serves these models has answered for long enough. */
export interface DetectedLoss {
  readonly vendor: string;
  readonly models: readonly string[];
}

const out: ReadonlySet<EndpointState> = new Set(['down', 'unplugged', 'ejected']);

/**
 * Sees that a vendor is lost: for some model all its endpoints are out, and have been for a while. What asks for time is
 * not lost, and one that is being tried again counts as it did before until it answers.
 */
export class LossWatch {
  readonly #lossAfterMs: () => number;
  /** Since when each vendor is out, for each model. */
  #outSince = new Map<string, number>();

  constructor(lossAfterMs: () => number) {
    this.#lossAfterMs = lossAfterMs;
  }

  /** All that are lost now. */
  look(places: readonly WatchedPlace[], nowMs: number): readonly DetectedLoss[] {
    const states = new Map<string, { vendor: string; model: string; isOut: boolean; isTrial: boolean }>();
    for (const { vendor, models, state } of places) {
      if (vendor === 'unknown') continue;
      for (const model of models) {
        const key = JSON.stringify([vendor, model]);
        const known = states.get(key) ?? { vendor, model, isOut: true, isTrial: false };
        known.isTrial ||= state === 'trial';
        known.isOut &&= out.has(state) || state === 'trial';
        states.set(key, known);
      }
    }
    const before = this.#outSince;
    this.#outSince = new Map();
    const lost = new Map<string, string[]>();
    for (const [key, { vendor, model, isOut, isTrial }] of states) {
      const since = before.get(key) ?? (isTrial ? undefined : nowMs);
      if (!isOut || since === undefined) continue;
      this.#outSince.set(key, since);
      if (nowMs - since >= this.#lossAfterMs()) lost.set(vendor, [...(lost.get(vendor) ?? []), model]);
    }
    return [...lost].map(([vendor, models]) => ({ vendor, models }));
  }
}
