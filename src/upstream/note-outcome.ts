import type { AttemptFailure, FailureClass } from '../policy/attempt-failure.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { RelayDependencies } from './relay-request.ts';

/** Refusals that are right answers to what was asked: the endpoint works. */
const worked: ReadonlySet<FailureClass> = new Set(['client-fault', 'too-long', 'unsupported-here']);

/** Tells fleet and throttle how an attempt ended; `failure` is undefined where it brought a whole answer. */
export function noteOutcome(
  candidate: Candidate,
  failure: AttemptFailure | undefined,
  { fleet, throttle }: Pick<RelayDependencies, 'fleet' | 'throttle'>,
  nowMs: number,
): void {
  const { endpoint, deployment } = candidate;
  if (failure === undefined) fleet.succeeded(endpoint.id, deployment.id, nowMs);
  else fleet.failed(endpoint.id, deployment.id, failure.what, failure.health, nowMs);
  if (failure?.class === 'shed') return;
  throttle.ended(deployment.model, failure === undefined || worked.has(failure.class) ? 'accepted' : 'refused', nowMs);
}

/** An attempt brought its first content: if it was a trial, it has passed. */
export function noteFirstContent({ endpoint, deployment }: Candidate, fleet: RelayDependencies['fleet'], nowMs: number): void {
  fleet.answering(endpoint.id, deployment.id, nowMs);
}
