import type { Deployment, Price } from '../fleet/deployment.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

/** A price that holds for a model: on one endpoint, of one company, or wherever it is served. */
export interface PriceEntry {
  /** The name that the endpoint itself uses. */
  readonly model: string;
  readonly endpoint: string | undefined;
  readonly processor: string | undefined;
  readonly price: Price;
}

export type Priced = { readonly endpoint: Pick<Endpoint, 'id' | 'processor'>; readonly deployment: Deployment };

/** What tokens cost: by the configuration, else by the table, whose nearest entry counts. Unknown is undefined, never 0 (fault 96). */
export class PriceBook {
  #cap: Price | undefined;
  #version = 0;
  #entries = new Map<string, Price>();
  #known = new WeakMap<Deployment, Price>();

  constructor(entries: readonly PriceEntry[], cap: Price | undefined) {
    this.replace(entries, cap);
  }

  /** What a request of a payer with a budget of money is taken to cost where no price is known. */
  get cap(): Price | undefined {
    return this.#cap;
  }

  /** Another one with each other table: for whoever remembers what prices came to. */
  get version(): number {
    return this.#version;
  }

  /** Another table from now on; requests that are running are charged by it too, within what they reserved. */
  replace(entries: readonly PriceEntry[], cap: Price | undefined): void {
    this.#cap = cap;
    this.#version += 1;
    this.#entries = new Map(entries.map((entry) => [entryName(entry), entry.price]));
    this.#known = new WeakMap();
  }

  of({ endpoint, deployment }: Priced): Price | undefined {
    if (deployment.price !== undefined) return deployment.price;
    const known = this.#known.get(deployment);
    if (known !== undefined || this.#entries.size === 0) return known;
    const model = deployment.upstreamModel;
    const price =
      this.#entries.get(entryName({ model, endpoint: endpoint.id, processor: undefined })) ??
      this.#entries.get(entryName({ model, endpoint: undefined, processor: endpoint.processor })) ??
      this.#entries.get(entryName({ model, endpoint: undefined, processor: undefined }));
    if (price !== undefined) this.#known.set(deployment, price);
    return price;
  }
}

/** Two entries of one name would leave open which of them holds. */
export function entryName({ model, endpoint, processor }: Pick<PriceEntry, 'model' | 'endpoint' | 'processor'>): string {
  return JSON.stringify([model, endpoint, processor]);
}
