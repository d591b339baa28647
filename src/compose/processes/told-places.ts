import type { Deployment } from '../../fleet/deployment.ts';
import type { Endpoint } from '../../fleet/endpoint.ts';
import type { EngineSurroundings } from '../running-engines.ts';
import type { Order, Seat, ToldPlace } from './process-message.ts';

/**
 * Stands where a fleet would in the process that runs engines and emulators: it remembers what is said of them, for
 * processes that start later, and tells those that serve.
 */
export class ToldPlaces {
  readonly #tell: (order: Order) => void;
  readonly #places = new Map<string, ToldPlace>();
  readonly #notes = new Map<string, () => string | null>();
  #toldNotes = '';

  constructor(tell: (order: Order) => void) {
    this.#tell = tell;
  }

  get all(): readonly ToldPlace[] {
    return [...this.#places.values()];
  }

  get notes(): Seat['notes'] {
    return [...this.#notes].map(([id, note]) => [id, note()] as const);
  }

  put(endpoint: Endpoint, deployments: readonly Deployment[], declared: Parameters<EngineSurroundings['fleet']['put']>[2]): void {
    this.#set({ endpoint, deployments, state: declared === 'ready' ? 'ready' : 'starting', fault: undefined });
  }

  annotate(endpointId: string, note: () => string | null): void {
    this.#notes.set(endpointId, note);
  }

  lost(endpointId: string, fault: string): void {
    const place = this.#places.get(endpointId);
    if (place !== undefined) this.#set({ ...place, state: 'down', fault });
    this.tellNotes();
  }

  declare(endpointId: string): void {
    const place = this.#places.get(endpointId);
    if (place !== undefined) this.#set({ ...place, state: 'ready', fault: undefined });
    this.tellNotes();
  }

  /** Each serving process knows for itself what was unplugged, and keeps it so. */
  declaredState(endpointId: string): ToldPlace['state'] | undefined {
    return this.#places.get(endpointId)?.state;
  }

  /** What an engine or emulator says of itself changes by itself: called now and then, and tells what is new. */
  tellNotes(): void {
    const { notes } = this;
    const text = JSON.stringify(notes);
    if (text === this.#toldNotes) return;
    this.#toldNotes = text;
    this.#tell({ kind: 'notes', notes });
  }

  #set(place: ToldPlace): void {
    this.#places.set(place.endpoint.id, place);
    this.#tell({ kind: 'place', place });
  }
}
