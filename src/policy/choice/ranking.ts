import type { Ask } from './ask.ts';
import type { Candidate } from '../../fleet/candidate.ts';
import type { Ranking } from '../order-candidates.ts';

export type ByCost = (candidates: readonly Candidate[], ask: Ask, nowMs: number) => readonly Candidate[];

/** Candidates in the order of their cost. */
export class Ranked implements Ranking {
  readonly first: Candidate;
  readonly #all: readonly Candidate[];
  readonly #ask: Ask;
  readonly #nowMs: number;
  readonly #byCost: ByCost;

  constructor(first: Candidate, all: readonly Candidate[], ask: Ask, nowMs: number, byCost: ByCost) {
    this.first = first;
    this.#all = all;
    this.#ask = ask;
    this.#nowMs = nowMs;
    this.#byCost = byCost;
  }

  get candidates(): readonly Candidate[] {
    return [this.first, ...this.#byCost(this.#all, this.#ask, this.#nowMs).filter((candidate) => candidate !== this.first)];
  }
}
