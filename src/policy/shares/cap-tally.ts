import type { CapStanding } from '../dependence/dependence-report.ts';

/** How a cap stands in one process, with the sums of its window: of the group, and of the rest. */
export interface CapTally {
  readonly id: string;
  readonly group: number;
  readonly rest: number;
  readonly standing: CapStanding;
}

/** What several processes see differently is shown as the first of these. */
const states: readonly CapStanding['state'][] = ['yielding', 'binding', 'near', 'room', 'below-minimum'];

/** The caps of several processes as one: sums added, and the share worked out anew. */
export function joinTallies(all: readonly (readonly CapTally[])[]): readonly CapTally[] {
  const joint = new Map<string, CapTally>();
  for (const tally of all.flat()) {
    const known = joint.get(tally.id);
    joint.set(tally.id, known === undefined ? tally : joined(known, tally));
  }
  return [...joint.values()];
}

function joined(one: CapTally, other: CapTally): CapTally {
  const [group, rest] = [one.group + other.group, one.rest + other.rest];
  const [mine, theirs] = [one.standing, other.standing];
  const state = states.indexOf(theirs.state) < states.indexOf(mine.state) ? theirs.state : mine.state;
  const share = group === 0 ? 0 : group / (group + rest);
  return { id: one.id, group, rest, standing: { ...mine, share, state, displaced: bothDisplaced(mine.displaced, theirs.displaced) } };
}

function bothDisplaced(one: CapStanding['displaced'], other: CapStanding['displaced']): CapStanding['displaced'] {
  const requests = one.requests + other.requests;
  const mean = ((one.extraTtftMs ?? 0) * one.requests + (other.extraTtftMs ?? 0) * other.requests) / Math.max(1, requests);
  const isTimed = one.extraTtftMs !== undefined || other.extraTtftMs !== undefined;
  return {
    requests,
    tokens: one.tokens + other.tokens,
    // Over JSON, what is undefined is absent; no process that displaced nothing makes the sum unknown.
    extraUsd: one.extraUsd === undefined || other.extraUsd === undefined ? undefined : one.extraUsd + other.extraUsd,
    extraTtftMs: isTimed ? mean : undefined,
  };
}
