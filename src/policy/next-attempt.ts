import type { AttemptFailure } from './attempt-failure.ts';
import type { Candidate } from '../fleet/candidate.ts';

export interface AttemptHistory {
  /** Every candidate tried so far, in order, once for each try. */
  readonly tried: readonly Candidate[];
  readonly lastFailure: AttemptFailure | undefined;
  readonly attemptsAllowed: number;
}

/**
 * Who is tried next before anything was released (fault catalogue §2), or nobody:
 *
 * | the last failure | the same endpoint | others |
 * |---|---|---|
 * | not-sent, upstream-fault, unsupported-here | no | yes |
 * | refused | once, when the time that it asked for has passed | first |
 * | maybe-executed | once, where nobody else is left and its connection broke | first |
 * | once-more | once, at once | after that |
 * | too-long | no | those that declare a larger context |
 * | client-fault, shed | no | no |
 *
 * Where only the key was at fault, the same endpoint is asked once more at once, with another key, and after the others
 * as often as attempts are left.
 */
export function nextAttempt(candidates: readonly Candidate[], history: AttemptHistory): Candidate | undefined {
  const { tried, lastFailure } = history;
  const last = tried.at(-1);
  if (isOver(history)) return undefined;
  if (last === undefined || lastFailure === undefined) return candidates[0];
  const timesTried = tried.filter(({ deployment }) => deployment.id === last.deployment.id).length;
  const isFresh = timesTried < 2;
  const again = isFresh || lastFailure.ofKey === true ? candidates.find(({ deployment }) => deployment.id === last.deployment.id) : undefined;
  if ((lastFailure.class === 'once-more' || (lastFailure.ofKey === true && isFresh)) && again !== undefined) return again;
  const others = candidates.filter(({ deployment }) => !tried.some((past) => past.deployment.id === deployment.id));
  const fitting = lastFailure.class === 'too-long' ? others.filter((other) => isLarger(other, tried)) : others;
  const [first] = apartFirst(fitting, last);
  return first ?? (mayAskAgain(lastFailure) ? again : undefined);
}

/** Whether nobody may be tried any more, whoever is there. */
export function isOver({ tried, lastFailure, attemptsAllowed }: AttemptHistory): boolean {
  return tried.length >= attemptsAllowed || lastFailure?.class === 'client-fault' || lastFailure?.class === 'shed';
}

/**
 * A kept socket may have been closing when it was used (fault 6); a timeout has no such excuse. Whoever asked for time
 * is no candidate before that time has passed.
 */
function mayAskAgain({ class: kind, fault, health, ofKey }: AttemptFailure): boolean {
  return ofKey === true || (kind === 'maybe-executed' && fault.code !== 'upstream_timeout') || (kind === 'refused' && health.kind === 'busy');
}

/** Whether it declares a context larger than every one that was too small; what declares none promises nothing. */
function isLarger({ deployment }: Candidate, tried: readonly Candidate[]): boolean {
  return deployment.contextTokens !== undefined && tried.every((past) => (past.deployment.contextTokens ?? 0) < (deployment.contextTokens ?? 0));
}

/**
 * Keeps the order, but puts whoever shares a failure domain with the lost endpoint last, and after them those that
 * are only on trial: a request that already lost one endpoint is no occasion to try whether another is back.
 */
export function apartFirst(candidates: readonly Candidate[], lost: Candidate): readonly Candidate[] {
  const shares = ({ endpoint }: Candidate): boolean => endpoint.failureDomains.some((domain) => lost.endpoint.failureDomains.includes(domain));
  const rank = (candidate: Candidate): number => (shares(candidate) ? 1 : 0) + (candidate.state === 'trial' ? 2 : 0);
  return candidates.toSorted((a, b) => rank(a) - rank(b));
}
