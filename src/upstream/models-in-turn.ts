import type { Asking, NextTry } from './next-try.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { RelayRequest } from './relay-request.ts';

type Whole = Asking & RelayRequest;

/**
 * The models that a request may be answered by, one after another: the next once the one before has nobody, or no room.
 * An answer that has begun stays with its model.
 */
export class ModelsInTurn {
  readonly #request: RelayRequest;
  readonly #others: readonly string[];
  #tried = 0;
  #current: Whole;
  /** What is told where no model has anybody: what the one that was asked for would have told. */
  #fault: Fault | undefined;

  constructor(request: RelayRequest) {
    this.#request = request;
    this.#others = request.demand.otherModels ?? [];
    this.#current = request;
  }

  /** The request as one for the model whose turn it is. */
  get current(): Whole {
    return this.#current;
  }

  next(tryNext: (request: Whole, hasStandIn: boolean) => NextTry): NextTry {
    for (;;) {
      const standIn = this.#others[this.#tried];
      const next = tryNext(this.#current, standIn !== undefined);
      if (next.kind !== 'nobody') return next;
      this.#fault ??= next.fault;
      if (standIn === undefined) return this.#others.length === 0 ? next : { kind: 'nobody', fault: this.#fault };
      this.#tried += 1;
      this.#current = { ...this.#request, demand: { ...this.#request.demand, model: standIn } };
    }
  }
}
