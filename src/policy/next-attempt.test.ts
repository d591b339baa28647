import { oneFailure } from '../fleet/health-effect.ts';
import { expect, test } from 'vitest';
import type { Candidate } from '../fleet/candidate.ts';
import type { AttemptFailure } from './attempt-failure.ts';
import { sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { nextAttempt } from './next-attempt.ts';

function candidate(id: string, failureDomains: readonly string[] = [id]): Candidate {
  return { endpoint: sampleEndpoint({ id, failureDomains }), deployment: sampleDeployment(id), state: 'ready', running: 0 };
}

function failed(kind: AttemptFailure['class'], code: AttemptFailure['fault']['code'] = 'upstream_error'): AttemptFailure {
  return { class: kind, fault: { code }, what: 'test', health: oneFailure };
}

const [a, b, c] = [candidate('a'), candidate('b', ['b', 'rack']), candidate('c', ['c', 'rack'])];

test('the first in order is tried first, then others, and nobody beyond the number of attempts', () => {
  expect(nextAttempt([a, b], { tried: [], lastFailure: undefined, attemptsAllowed: 3 })).toBe(a);
  expect(nextAttempt([a, b], { tried: [a], lastFailure: failed('refused'), attemptsAllowed: 3 })).toBe(b);
  expect(nextAttempt([a, b, c], { tried: [a, b], lastFailure: failed('refused'), attemptsAllowed: 2 })).toBeUndefined();
});

test('who shares a failure domain with the lost endpoint is tried last', () => {
  expect(nextAttempt([c, a], { tried: [b], lastFailure: failed('not-sent'), attemptsAllowed: 3 })).toBe(a);
});

test('a request that is itself at fault is tried nowhere else', () => {
  expect(nextAttempt([a, b], { tried: [a], lastFailure: failed('client-fault'), attemptsAllowed: 3 })).toBeUndefined();
});

test('the same endpoint is tried once more only after a broken connection, never after a timeout or a refusal', () => {
  const again = (failure: AttemptFailure, tried = [a]): Candidate | undefined =>
    nextAttempt([a], { tried, lastFailure: failure, attemptsAllowed: 5 });
  expect(again(failed('maybe-executed'))).toBe(a);
  expect(again(failed('maybe-executed'), [a, a])).toBeUndefined();
  expect(again(failed('maybe-executed', 'upstream_timeout'))).toBeUndefined();
  expect(again(failed('refused'))).toBeUndefined();
  expect(again(failed('not-sent'))).toBeUndefined();
});
