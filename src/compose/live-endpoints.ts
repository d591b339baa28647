import { canonicalJson } from '../std/canonical-json.ts';
import { connectEndpoint } from './connect-endpoints.ts';
import { discoverEndpoint, type DiscoverySurroundings } from './discover-endpoints.ts';
import type { Config } from '../config/config-schema.ts';

type Configured = Config['endpoints'][number];

export interface LiveSurroundings extends DiscoverySurroundings {
  /** The next request to this endpoint opens a connection of its own; what runs goes on where it is. */
  readonly leave: (endpointId: string) => void;
}

interface Running {
  /** By which a change is noticed. */
  readonly text: string;
  readonly stop: () => void;
  /** Takes it out of the fleet; what runs there goes on to its end. */
  readonly remove: () => void;
}

/** The configured endpoints as they are in use. Another list takes the place of the one before without ending what runs. */
export class LiveEndpoints {
  readonly #around: LiveSurroundings;
  readonly #running = new Map<string, Running>();

  constructor(around: LiveSurroundings) {
    this.#around = around;
  }

  /** Resolves when the new ones are in the fleet, with their models or without. */
  async use(configured: Config['endpoints']): Promise<void> {
    const wanted = new Map(configured.map((entry) => [entry.id, entry]));
    for (const [id, { remove }] of this.#running) {
      if (wanted.has(id)) continue;
      this.#running.delete(id);
      remove();
    }
    await Promise.all([...wanted.values()].map((entry) => this.#take(entry)));
  }

  stop(): void {
    for (const { stop } of this.#running.values()) stop();
  }

  async #take(entry: Configured): Promise<void> {
    const text = canonicalJson(entry);
    const known = this.#running.get(entry.id);
    if (known?.text === text) return;
    // Replicas are found anew; of an endpoint that only changed, load and health are kept.
    const wasFound = known !== undefined && this.#around.fleet.endpoint(entry.id) === undefined;
    if (wasFound || (known !== undefined && entry.discover !== undefined)) known?.remove();
    else known?.stop();
    this.#around.leave(entry.id);
    const { ready, ...running } = entry.discover === undefined ? this.#connect(entry) : this.#discover(entry, entry.discover);
    this.#running.set(entry.id, { text, ...running });
    await ready;
  }

  #connect(entry: Configured): Omit<Running, 'text'> & { readonly ready: Promise<void> } {
    const { fleet, whenGone } = this.#around;
    const { connected, stop } = connectEndpoint(entry, this.#around);
    const remove = (): void => {
      stop();
      const deployments = fleet.candidates().flatMap(({ endpoint, deployment }) => (endpoint.id === entry.id ? [deployment] : []));
      fleet.remove(entry.id, () => whenGone(entry.id, deployments));
    };
    return { ready: connected, stop, remove };
  }

  #discover(entry: Configured, how: NonNullable<Configured['discover']>): Omit<Running, 'text'> & { readonly ready: Promise<void> } {
    const { first, stop, remove } = discoverEndpoint(entry, how, this.#around);
    return { ready: first, stop, remove };
  }
}
