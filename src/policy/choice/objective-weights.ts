import type { Objective } from './ask.ts';

/** What counts beside lateness and harm, which weigh 1 a request whatever the objective: an SLO is kept before money is saved. */
export interface ObjectiveWeights {
  /** For an answer that takes as long as its SLO allows. */
  readonly time: number;
  /** For a price that is many times the least one; twice the least one is half of it. */
  readonly money: number;
}

export const objectiveWeights: Readonly<Record<Objective, ObjectiveWeights>> = {
  fastest: { time: 0.1, money: 0 },
  balanced: { time: 0.05, money: 0.2 },
  cheapest: { time: 0.002, money: 0.5 },
};
