import type { Candidate } from '../fleet/candidate.ts';
import { nextAttempt, type AttemptHistory } from '../policy/next-attempt.ts';
import type { RelayDependencies } from './relay-request.ts';

/** Whom to try before anything was released, as long as the retries of all requests together leave room for it. */
export function nextTry(candidates: readonly Candidate[], history: AttemptHistory, deps: RelayDependencies): Candidate | undefined {
  const candidate = nextAttempt(candidates, history);
  if (candidate === undefined || history.tried.length === 0) return candidate;
  return deps.retryBudget.take(deps.clock.nowMs()) ? candidate : undefined;
}
