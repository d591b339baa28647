import type { AttemptFailure } from './attempt-failure.ts';
import type { Candidate } from '../fleet/candidate.ts';

export interface AttemptHistory {
  /** Every candidate tried so far, in order, once for each try. */
  readonly tried: readonly Candidate[];
  readonly lastFailure: AttemptFailure | undefined;
  readonly attemptsAllowed: number;
}

/**
 * Who is tried next before anything was released (fault catalogue §2), or nobody. Others come before the same
 * endpoint again, and among others those that share no failure domain with the one just lost. The same endpoint is
 * tried once more only where its connection broke, because a kept socket may have been closing (fault 6).
 */
export function nextAttempt(candidates: readonly Candidate[], history: AttemptHistory): Candidate | undefined {
  const { tried, lastFailure, attemptsAllowed } = history;
  if (lastFailure?.class === 'client-fault' || tried.length >= attemptsAllowed) return undefined;
  const others = candidates.filter(({ deployment }) => !tried.some((past) => past.deployment.id === deployment.id));
  const last = tried.at(-1);
  if (last === undefined) return others[0];
  const apart = apartFirst(others, last);
  if (apart[0] !== undefined) return apart[0];
  const retriable = lastFailure?.class === 'maybe-executed' && lastFailure.fault.code !== 'upstream_timeout';
  const timesTried = tried.filter(({ deployment }) => deployment.id === last.deployment.id).length;
  return retriable && timesTried < 2 ? candidates.find(({ deployment }) => deployment.id === last.deployment.id) : undefined;
}

/** Keeps the order, but puts whoever shares a failure domain with the lost endpoint last. */
export function apartFirst(candidates: readonly Candidate[], lost: Candidate): readonly Candidate[] {
  const shares = ({ endpoint }: Candidate): boolean => endpoint.failureDomains.some((domain) => lost.endpoint.failureDomains.includes(domain));
  return [...candidates.filter((candidate) => !shares(candidate)), ...candidates.filter(shares)];
}
