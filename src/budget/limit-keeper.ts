import { limitKinds, type LimitKinds, type LimitRules, type Payer } from './limits.ts';
import type { Need, Refusal, Reservation } from './reservation.ts';
import type { Result } from '../std/result.ts';

export type Reserved = Result<Reservation, Refusal>;

/** Who keeps the limits: this process itself, or the first of several, which takes a message there and back. */
export interface LimitKeeper {
  /** What limits a payer; undefined where nothing does, which is told at once and for nothing. */
  readonly kindsOf: (payer: Payer) => LimitKinds | undefined;
  readonly reserve: (payer: Payer, requestId: string, need: Need) => Reserved | Promise<Reserved>;
}

/** The kinds of limits of each payer, worked out once. */
export class KnownKinds {
  readonly #rules: LimitRules;
  readonly #known = new Map<string, LimitKinds | undefined>();

  constructor(rules: LimitRules) {
    this.#rules = rules;
  }

  of(payer: Payer): LimitKinds | undefined {
    const known = this.#known.get(payer.keyId);
    if (known !== undefined || this.#known.has(payer.keyId)) return known;
    const kinds = limitKinds(this.#rules, payer);
    this.#known.set(payer.keyId, kinds);
    return kinds;
  }
}
