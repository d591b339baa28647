import type { Clock } from '../../std/clock.ts';
import type { ControlledGateway } from '../controlled-gateway.ts';
import type { EndpointStatus } from '../../fleet/fleet.ts';
import type { EventHub } from './event-hub.ts';

/** How often states are compared, and only while somebody follows: a fleet tells nobody by itself what its breakers do. */
const everyMs = 500;

/** Tells followers when an endpoint's state changes, whichever process sees it, and whoever changed it. */
export class EndpointWatch {
  readonly #gateway: Pick<ControlledGateway, 'endpoints'>;
  readonly #events: EventHub;
  readonly #clock: Clock;
  #watchers = 0;
  #seen: ReadonlyMap<string, string> | undefined;
  #cancel = (): void => {};

  constructor(gateway: Pick<ControlledGateway, 'endpoints'>, events: EventHub, clock: Clock) {
    this.#gateway = gateway;
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
    const endpoints = await this.#gateway.endpoints().catch((): readonly EndpointStatus[] => []);
    if (this.#watchers === 0) return;
    const before = this.#seen;
    const now = new Map(endpoints.map(({ id, state }) => [id, state]));
    if (before !== undefined) {
      for (const { id, state, lastFault } of endpoints)
        if (before.get(id) !== state)
          this.#events.emit('endpoint', { id, state, before: before.get(id) ?? null, lastFault: lastFault?.what ?? null });
      for (const [id, state] of before) if (!now.has(id)) this.#events.emit('endpoint', { id, state: 'gone', before: state, lastFault: null });
    }
    this.#seen = now;
    this.#cancel = this.#clock.after(everyMs, () => void this.#look());
  }
}
