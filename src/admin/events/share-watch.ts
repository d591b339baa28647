import type { CapTally } from '../../policy/shares/cap-tally.ts';
import type { Clock } from '../../std/clock.ts';
import type { DependenceReport, OutageBound } from '../../policy/dependence/dependence-report.ts';
import type { EventHub } from './event-hub.ts';

const capsEveryMs = 1000;
/** What N-1 is judged by. */
const windowMs = 86_400_000;

export interface WatchedDependence {
  readonly caps: () => Promise<readonly CapTally[]>;
  readonly report: (windowMs: number) => Promise<DependenceReport>;
  readonly rules: () => { readonly alertBelowPercent: number; readonly lookEveryMs: number };
}

/** Tells followers when a share nears its cap, is held or let go by it, and when N-1 falls; nobody listening, it rests. */
export class ShareWatch {
  readonly #watched: WatchedDependence;
  readonly #events: EventHub;
  readonly #clock: Clock;
  #states: ReadonlyMap<string, string> = new Map();
  /** When each cap's nearness was told last: one that comes and goes is told once a window. */
  #toldWallMs: ReadonlyMap<string, number> = new Map();
  #bounds: ReadonlyMap<string, number> = new Map();
  #lookedMs = Number.NEGATIVE_INFINITY;
  #cancel = (): void => {};
  #isStopped = false;

  constructor(watched: WatchedDependence, events: EventHub, clock: Clock) {
    this.#watched = watched;
    this.#events = events;
    this.#clock = clock;
  }

  start(): void {
    this.#cancel = this.#clock.after(capsEveryMs, () => void this.#look());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    if (this.#events.followers > 0) {
      this.#compareCaps(await this.#watched.caps().catch((): readonly CapTally[] => []));
      if (this.#clock.nowMs() - this.#lookedMs >= this.#watched.rules().lookEveryMs) {
        this.#lookedMs = this.#clock.nowMs();
        const report = await this.#watched.report(windowMs).catch(() => undefined);
        if (report !== undefined) this.#compareBounds(report.outages);
      }
    }
    if (!this.#isStopped) this.start();
  }

  #compareCaps(tallies: readonly CapTally[]): void {
    const before = this.#states;
    this.#states = new Map(tallies.map(({ id, standing }) => [id, standing.state]));
    const told = new Map<string, number>();
    for (const { id, standing } of tallies) {
      const { state, group, share, most, measure, windowMs: capWindowMs } = standing;
      const was = before.get(id);
      const data = { cap: id, by: group.by, name: group.name, measure, share, most, state };
      // Beginning and end: that it holds again is as good to know as that it yields.
      if ((state === 'yielding') !== (was === 'yielding')) this.#events.emit('share.yielding', { ...data, yields: state === 'yielding' });
      for (const kind of ['near', 'binding'] as const) {
        const key = `${kind} ${id}`;
        const lastWallMs = this.#toldWallMs.get(key);
        const isNews = state === kind && was !== kind && (lastWallMs === undefined || this.#clock.wallMs() - lastWallMs >= capWindowMs);
        if (isNews) this.#events.emit(`share.${kind}`, data);
        const toldWallMs = isNews ? this.#clock.wallMs() : lastWallMs;
        if (toldWallMs !== undefined) told.set(key, toldWallMs);
      }
    }
    this.#toldWallMs = told;
  }

  #compareBounds(outages: readonly OutageBound[]): void {
    const before = this.#bounds;
    const least = this.#watched.rules().alertBelowPercent / 100;
    const now = new Map<string, number>();
    for (const { model, sloClass, lost, atLeast, peakTokensPerSecond } of outages) {
      const key = JSON.stringify([model, sloClass, lost.by, lost.name]);
      now.set(key, atLeast);
      const was = before.get(key);
      if (was !== undefined && was >= least && atLeast < least)
        this.#events.emit('nMinusOne.fell', { model, sloClass, by: lost.by, name: lost.name, atLeast, before: was, peakTokensPerSecond });
    }
    this.#bounds = now;
  }
}
