import { oneFailure } from '../fleet/health-effect.ts';
import { expect, test } from 'vitest';
import type { Candidate } from '../fleet/candidate.ts';
import type { AttemptFailure } from './attempt-failure.ts';
import { sampleCandidate, sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { nextAttempt } from './next-attempt.ts';

function candidate(id: string, failureDomains: readonly string[] = [id], contextTokens?: number): Candidate {
  return sampleCandidate({ endpoint: sampleEndpoint({ id, failureDomains }), deployment: sampleDeployment(id, { contextTokens }) });
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

test('408, 409 and 425 are asked once more on the spot, then others are tried', () => {
  const lastFailure = failed('once-more', 'upstream_unreachable');
  expect(nextAttempt([b, a], { tried: [a], lastFailure, attemptsAllowed: 5 })).toBe(a);
  expect(nextAttempt([b, a], { tried: [a, a], lastFailure, attemptsAllowed: 5 })).toBe(b);
  expect(nextAttempt([a], { tried: [a, a], lastFailure, attemptsAllowed: 5 })).toBeUndefined();
});

test('a prompt too long goes only to endpoints that declare a larger context than all that refused it', () => {
  const [small, larger, unsaid] = [candidate('s', ['s'], 1000), candidate('l', ['l'], 4000), candidate('u')];
  const lastFailure = failed('too-long', 'context_length_exceeded');
  expect(nextAttempt([unsaid, small, larger], { tried: [small], lastFailure, attemptsAllowed: 5 })).toBe(larger);
  expect(nextAttempt([unsaid, small, larger], { tried: [larger], lastFailure, attemptsAllowed: 5 })).toBeUndefined();
  expect(nextAttempt([small, larger], { tried: [larger, small], lastFailure, attemptsAllowed: 5 })).toBeUndefined();
});

test('what one endpoint does not support another may; what this gateway had no room for goes nowhere', () => {
  expect(nextAttempt([a, b], { tried: [a], lastFailure: failed('unsupported-here', 'invalid_request'), attemptsAllowed: 3 })).toBe(b);
  expect(nextAttempt([a, b], { tried: [a], lastFailure: failed('shed', 'overloaded'), attemptsAllowed: 3 })).toBeUndefined();
});

test('a request that lost one endpoint does not try whether another is back, unless nobody else is left', () => {
  const onTrial: Candidate = { ...b, state: 'trial' };
  expect(nextAttempt([onTrial, c], { tried: [a], lastFailure: failed('not-sent'), attemptsAllowed: 3 })).toBe(c);
  expect(nextAttempt([onTrial], { tried: [a], lastFailure: failed('not-sent'), attemptsAllowed: 3 })).toBe(onTrial);
});
