import type { BudgetStanding } from '../../budget/budgets.ts';
import type { Clock } from '../../std/clock.ts';
import type { ControlledGateway } from '../controlled-gateway.ts';
import type { EndpointStatus } from '../../fleet/fleet.ts';
import type { EventHub } from './event-hub.ts';

/** How often states are compared, and only while somebody follows: neither fleet nor budgets tell anybody by themselves. */
const everyMs = 500;
/** Shares of a budget at which it is told of, in percent. */
const warnings = [80, 100] as const;

export interface WatchedStates {
  readonly endpoints: ControlledGateway['endpoints'];
  /** How budgets stand of whoever asked for anything since the start. */
  readonly budgets: () => readonly BudgetStanding[];
}

/** Tells followers when an endpoint's state changes, whichever process sees it, and when a budget comes to its end. */
export class StateWatch {
  readonly #states: WatchedStates;
  readonly #events: EventHub;
  readonly #clock: Clock;
  #watchers = 0;
  #seen: ReadonlyMap<string, string> | undefined;
  /** Of each budget in its present day or month, the last warning. */
  #warned: ReadonlyMap<string, number> = new Map();
  #cancel = (): void => {};

  constructor(states: WatchedStates, events: EventHub, clock: Clock) {
    this.#states = states;
    this.#events = events;
    this.#clock = clock;
  }

  /** Looks from now on; the returned function ends that. */
  follow(): () => void {
    this.#watchers += 1;
    if (this.#watchers === 1) void this.#look();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#watchers -= 1;
      if (this.#watchers > 0) return;
      this.#cancel();
      this.#seen = undefined;
    };
  }

  async #look(): Promise<void> {
    const endpoints = await this.#states.endpoints().catch((): readonly EndpointStatus[] => []);
    if (this.#watchers === 0) return;
    this.#compare(endpoints);
    this.#warn(this.#states.budgets());
    this.#cancel = this.#clock.after(everyMs, () => void this.#look());
  }

  #compare(endpoints: readonly EndpointStatus[]): void {
    const before = this.#seen;
    const now = new Map(endpoints.map(({ id, state }) => [id, state]));
    this.#seen = now;
    if (before === undefined) return;
    for (const { id, state, lastFault } of endpoints)
      if (before.get(id) !== state) this.#events.emit('endpoint', { id, state, before: before.get(id) ?? null, lastFault: lastFault?.what ?? null });
    for (const [id, state] of before) if (!now.has(id)) this.#events.emit('endpoint', { id, state: 'gone', before: state, lastFault: null });
  }

  /** Once for each budget, period and share; what is reserved counts only when it is spent. */
  #warn(budgets: readonly BudgetStanding[]): void {
    const warned = new Map<string, number>();
    for (const { level, id, of, period, most, spent, endsAtWallMs } of budgets) {
      const reached = warnings.findLast((percent) => most > 0 && spent * 100 >= most * percent) ?? 0;
      const name = JSON.stringify([level, id, of, period, endsAtWallMs]);
      const before = this.#warned.get(name) ?? 0;
      if (reached > before) this.#events.emit('budget', { level, id, of, period, percent: reached, most, spent });
      warned.set(name, Math.max(reached, before));
    }
    this.#warned = warned;
  }
}
