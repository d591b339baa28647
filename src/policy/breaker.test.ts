import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Breaker } from './breaker.ts';
import { defaultHealthRules } from './health-rules.ts';
import { oneFailure, unusable, type HealthEffect } from '../fleet/health-effect.ts';
import { seededRandom } from '../std/random.ts';

const plain = { ...defaultHealthRules, jitter: 0 };

function breaker(changes: Partial<typeof plain> = {}): Breaker {
  return new Breaker({ ...plain, ...changes }, () => 0.5);
}

test('one failure is forgiven, two in a row eject for a second, and each failed trial for twice as long', () => {
  const one = breaker();
  one.failed('d', oneFailure, 0);
  one.succeeded('d', 1);
  one.failed('d', oneFailure, 2);
  expect(one.of('d', 2).state).toBe('ready');
  one.failed('d', oneFailure, 3);
  expect(one.of('d', 3)).toMatchObject({ state: 'ejected', cause: 'failing', releaseInMs: 1000 });
  let nowMs = 3;
  for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
    expect(one.of('d', nowMs).releaseInMs).toBe(seconds * 1000);
    nowMs += seconds * 1000;
    expect(one.of('d', nowMs).state).toBe('trial');
    expect(one.claimTrial('d', nowMs)).toBe(true);
    one.failed('d', oneFailure, nowMs);
  }
});

test('what breaks together counts once', () => {
  const one = breaker();
  for (let n = 0; n < 500; n += 1) one.failed('d', oneFailure, n / 10);
  expect(one.of('d', 50).releaseInMs).toBeLessThanOrEqual(1000);
});

test('half of its answers failing ejects an endpoint too, once there are enough of them', () => {
  const one = breaker({ failuresInARow: 100 });
  for (let n = 0; n < 4; n += 1) {
    one.succeeded('d', n);
    one.failed('d', oneFailure, n);
  }
  expect(one.of('d', 4).state).toBe('ready');
  one.succeeded('d', 4);
  one.failed('d', oneFailure, 4);
  expect(one.of('d', 4).state).toBe('ejected');
});

test('a trial has one request; where it brings no verdict, another follows after the same time', () => {
  const one = breaker({ failuresInARow: 1 });
  one.failed('d', oneFailure, 0);
  expect(one.claimTrial('d', 999)).toBe(false);
  expect(one.claimTrial('d', 1000)).toBe(true);
  expect(one.claimTrial('d', 1001)).toBe(false);
  expect(one.of('d', 1999).state).toBe('ejected');
  expect(one.claimTrial('d', 2000)).toBe(true);
});

test('the first content of a trial brings it back, with a tenth of its share that grows over ten seconds', () => {
  const one = breaker({ failuresInARow: 1 });
  one.failed('d', oneFailure, 0);
  one.claimTrial('d', 1000);
  one.answering('d', 1500);
  expect(one.of('d', 1500)).toMatchObject({ state: 'ready', weight: 0.1 });
  expect(one.of('d', 6500).weight).toBeCloseTo(0.55);
  expect(one.of('d', 11_500).weight).toBe(1);
});

test('what began before an ejection does not end it, three whole answers in a row do', () => {
  const one = breaker();
  for (const nowMs of [0, 1]) one.failed('d', oneFailure, nowMs);
  one.answering('d', 2);
  one.succeeded('d', 3);
  one.succeeded('d', 4);
  expect(one.of('d', 4).state).toBe('ejected');
  one.succeeded('d', 5);
  expect(one.of('d', 5).state).toBe('ready');
});

test('an endpoint that fails again at once after its return is ejected for longer than the first time', () => {
  const one = breaker({ failuresInARow: 1 });
  one.failed('d', oneFailure, 0);
  one.claimTrial('d', 1000);
  one.succeeded('d', 1001);
  one.failed('d', oneFailure, 1002);
  expect(one.of('d', 1002).releaseInMs).toBe(2000);
  const later = breaker({ failuresInARow: 1 });
  later.failed('d', oneFailure, 0);
  later.claimTrial('d', 1000);
  later.succeeded('d', 1001);
  later.failed('d', oneFailure, 100_000);
  expect(later.of('d', 100_000).releaseInMs).toBe(1000);
});

test('one deployment that asks for time or is not known there leaves the others of its endpoint alone', () => {
  const one = breaker();
  one.failed('d', { kind: 'busy', retryAfterMs: 500 }, 0);
  one.failed('e', { kind: 'misconfigured' }, 0);
  expect(one.of('d', 0)).toMatchObject({ state: 'parked', releaseInMs: 500, penalised: true });
  expect(one.of('d', 500)).toMatchObject({ state: 'ready', penalised: true });
  expect(one.of('d', 5000)).toMatchObject({ state: 'ready', penalised: false });
  expect(one.of('e', 0)).toMatchObject({ state: 'ejected', cause: 'misconfigured', releaseInMs: 60_000 });
  expect(one.of('f', 0)).toMatchObject({ state: 'ready', penalised: false });
});

test('a refused key sets the whole endpoint aside, at most for ten minutes, and one success ends it', () => {
  const one = breaker();
  let nowMs = 0;
  for (const minutes of [1, 2, 4, 8, 10, 10]) {
    one.failed('d', unusable, nowMs);
    expect(one.of('other', nowMs)).toMatchObject({ state: 'ejected', cause: 'unusable', releaseInMs: minutes * 60_000 });
    nowMs += minutes * 60_000;
    one.claimTrial('d', nowMs);
  }
  one.succeeded('d', nowMs);
  expect(one.of('d', nowMs).state).toBe('ready');
});

type Step =
  | { readonly do: 'succeed' | 'answer' | 'claim' | 'forgive' }
  | { readonly do: 'fail'; readonly effect: HealthEffect }
  | { readonly do: 'wait'; readonly ms: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('succeed' as const, 'answer' as const, 'claim' as const) }),
  fc.record({ do: fc.constant('forgive' as const) }),
  fc.record({
    do: fc.constant('fail' as const),
    effect: fc.oneof(
      fc.constantFrom<HealthEffect>({ kind: 'none' }, oneFailure, oneFailure, oneFailure, unusable, { kind: 'misconfigured' }),
      fc.record({ kind: fc.constant('busy' as const), retryAfterMs: fc.nat(300_000) }),
    ),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.oneof(fc.nat(3000), fc.nat(700_000)) }),
);

test('after any history the state is one that its own past explains, ends by itself, and has one trial at a time', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 80 }), fc.nat(), (steps, seed) => {
      const one = new Breaker(defaultHealthRules, seededRandom(seed));
      let nowMs = 0;
      let inARow = 0;
      let failures = 0;
      let grave = false;
      let parkedUntilMs = 0;
      let claimedAtMs = -Infinity;
      for (const step of steps) {
        if (step.do === 'wait') nowMs += step.ms;
        if (step.do === 'answer') one.answering('d', nowMs);
        if (step.do === 'succeed') {
          one.succeeded('d', nowMs);
          inARow = 0;
        }
        if (step.do === 'claim' && one.claimTrial('d', nowMs)) {
          // Without a failure in between, the next trial waits for at least the shortest time there is.
          expect(nowMs - claimedAtMs).toBeGreaterThanOrEqual(defaultHealthRules.ejectionMs * (1 - defaultHealthRules.jitter));
          claimedAtMs = nowMs;
        }
        if (step.do === 'forgive') {
          one.forgive();
          [inARow, failures, grave, parkedUntilMs, claimedAtMs] = [0, 0, false, 0, -Infinity];
          expect(one.of('d', nowMs)).toEqual({ state: 'ready', cause: undefined, releaseInMs: 0, weight: 1, penalised: false });
        }
        if (step.do === 'fail') {
          one.failed('d', step.effect, nowMs);
          if (step.effect.kind === 'failure') [inARow, failures] = [inARow + 1, failures + 1];
          if (step.effect.kind === 'unusable' || step.effect.kind === 'misconfigured') grave = true;
          if (step.effect.kind === 'busy') parkedUntilMs = Math.max(parkedUntilMs, nowMs + step.effect.retryAfterMs);
          if (step.effect.kind === 'failure' && inARow >= defaultHealthRules.failuresInARow) expect(one.of('d', nowMs).state).toBe('ejected');
        }
        const seen = one.of('d', nowMs);
        if (seen.state === 'ejected') expect(failures >= defaultHealthRules.failuresInARow || grave).toBe(true);
        if (seen.state === 'parked') expect(seen.releaseInMs).toBe(parkedUntilMs - nowMs);
        if (seen.state === 'ready' || seen.state === 'trial') expect(nowMs).toBeGreaterThanOrEqual(parkedUntilMs);
        expect(seen.releaseInMs).toBeLessThanOrEqual(defaultHealthRules.longestSetAsideMs * (1 + defaultHealthRules.jitter));
        expect(seen.weight > 0 && seen.weight <= 1).toBe(true);
        if (seen.releaseInMs > 0) expect(['ready', 'trial', 'parked']).toContain(one.of('d', nowMs + seen.releaseInMs).state);
      }
    }),
  );
});
