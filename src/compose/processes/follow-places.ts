import type { Fleet } from '../../fleet/fleet.ts';
import type { Seat, ToldPlace } from './process-message.ts';

/** Keeps the fleet of a serving process as the first process tells of the engines and emulators that it runs. */
export class FollowedPlaces {
  readonly #fleet: Fleet;
  readonly #notes = new Map<string, string | null>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  place({ endpoint, deployments, state, fault }: ToldPlace): void {
    const { id } = endpoint;
    if (!this.#fleet.has(id)) this.#fleet.put(endpoint, deployments, state);
    this.#fleet.annotate(id, () => this.#notes.get(id) ?? null);
    if (fault !== undefined) this.#fleet.lost(id, fault);
    else if (state === 'ready' && this.#fleet.declaredState(id) !== 'unplugged') this.#fleet.declare(id, 'ready');
  }

  notes(notes: Seat['notes']): void {
    for (const [id, note] of notes) this.#notes.set(id, note);
  }
}
