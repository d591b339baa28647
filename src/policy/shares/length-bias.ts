/** Weight of the first guess, in requests; and how many requests later half of what was seen is forgotten. */
const priorRequests = 20;
const forget = 0.99;
/** What runs is taken to come out worse than learnt by so much of it, since nobody can correct it any more when the window ends. */
const caution = 0.1;

/** By how much requests come out longer (or shorter) than was reserved for them, as learnt from those that ended. */
export class LengthBias {
  readonly #prior: 'most' | 'quarter';
  #reserved = 0;
  #used = 0;
  #seen = 0;

  /** `prior`: what an ended request is taken to have used before any was seen. */
  constructor(prior: 'most' | 'quarter') {
    this.#prior = prior;
  }

  /** What a request is expected to come to, given what it reserves and what it can come to at most. */
  expected(units: number, mostUnits: number): number {
    const prior = this.#prior === 'most' ? mostUnits : units / 4;
    const learnt = this.#reserved > 0 ? units * (this.#used / this.#reserved) : prior;
    const weight = this.#seen / (this.#seen + priorRequests);
    const expected = prior + (learnt - prior) * weight;
    return this.#prior === 'most' ? Math.min(mostUnits, expected * (1 + caution)) : expected * (1 - caution);
  }

  heard(units: number, usedUnits: number): void {
    this.#reserved = this.#reserved * forget + units;
    this.#used = this.#used * forget + usedUnits;
    this.#seen = Math.min(this.#seen + 1, 1e6);
  }
}
