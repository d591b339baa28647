import { expect, test } from 'vitest';
import { AdaptiveThrottle, defaultThrottleRules } from '../policy/adaptive-throttle.ts';
import { Breaker } from '../policy/breaker.ts';
import { defaultHealthRules } from '../policy/health-rules.ts';
import { defaultRetryBudget, RetryBudget } from '../policy/retry-budget.ts';
import { Fleet } from '../fleet/fleet.ts';
import { classifyStatus } from './classify-failure.ts';
import { classifyTransportError } from './classify-transport-error.ts';
import { hedgeTry, nextTry, type NextTry, type TryDependencies } from './next-try.ts';
import { noteOutcome } from './note-outcome.ts';
import { sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { seededRandom } from '../std/random.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { Fault } from '../std/error-catalogue.ts';

const refused = classifyTransportError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), false);
const broken = classifyStatus(500, {}, '');

const sized = { estimatedInputTokens: 1, maxTokens: 1, choices: 1 };

/** A fleet with the rules of production under time that a test moves, and what each endpoint does to its requests. */
class World {
  nowMs = 0;
  attempts = 0;
  served = 0;
  readonly triedAt = new Map<string, number>();
  readonly deps: TryDependencies;
  readonly #failure: (endpointId: string, nowMs: number) => AttemptFailure | undefined;

  constructor(ids: readonly string[], failure: (endpointId: string, nowMs: number) => AttemptFailure | undefined) {
    const random = seededRandom(7);
    const clock = { nowMs: () => this.nowMs, wallMs: () => this.nowMs, after: () => () => {} };
    const fleet = new Fleet(clock, () => new Breaker(defaultHealthRules, random));
    for (const id of ids) fleet.put(sampleEndpoint({ id }), [sampleDeployment(id)], 'ready');
    let turn = 0;
    this.#failure = failure;
    this.deps = {
      clock,
      fleet,
      nextTurn: () => turn++,
      retryBudget: new RetryBudget(defaultRetryBudget),
      throttle: new AdaptiveThrottle(defaultThrottleRules, random),
      limits: { totalTimeoutMs: 600_000, parkedWaitMs: 2000 },
    };
  }

  next(tried: readonly Candidate[] = [], lastFailure?: AttemptFailure, waitedMs = 0): NextTry {
    const demand = { model: 'm', provider: undefined, rules: undefined, unpublishedFields: [] };
    return nextTry(
      { ...sized, demand, receivedAtMs: this.nowMs },
      { tried, lastFailure, attemptsAllowed: 3, waitedMs },
      false,
      this.deps,
      this.nowMs,
    );
  }

  /** One request from beginning to end; undefined where it was served. */
  request(): Fault | undefined {
    this.deps.retryBudget.request(this.nowMs);
    const tried: Candidate[] = [];
    let failure: AttemptFailure | undefined;
    for (;;) {
      const next = this.next(tried, failure);
      if (next.kind !== 'candidate') return (next.kind === 'nobody' ? next.fault : undefined) ?? failure?.fault ?? { code: 'upstream_unreachable' };
      failure = this.try(next.candidate);
      tried.push(next.candidate);
      if (failure === undefined) return undefined;
    }
  }

  try(candidate: Candidate): AttemptFailure | undefined {
    const { id } = candidate.endpoint;
    const failure = this.#failure(id, this.nowMs);
    this.attempts += 1;
    this.triedAt.set(id, (this.triedAt.get(id) ?? 0) + 1);
    noteOutcome(candidate, failure, this.deps, this.nowMs);
    if (failure === undefined) this.served += 1;
    return failure;
  }

  /** So many requests, one every so many milliseconds. */
  run(requests: number, everyMs: number, each: () => void = () => {}): void {
    for (let n = 0; n < requests; n += 1) {
      this.request();
      each();
      this.nowMs += everyMs;
    }
  }

  ejected(): number {
    return this.deps.fleet.status().filter(({ state }) => state === 'ejected').length;
  }
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `e${index}`);
}

test('of two endpoints one fails always: every request is served, and the failing one costs less than 1 % more tries', () => {
  const world = new World(names(2), (id) => (id === 'e1' ? refused : undefined));
  world.run(10_000, 10);
  expect(world.served).toBe(10_000);
  expect(world.attempts).toBeLessThan(10_000 * 1.01);
  expect(world.ejected()).toBe(1);
});

test('it comes back by one trial, warms up, and has its half again', () => {
  const world = new World(names(2), (id, nowMs) => (id === 'e1' && nowMs < 20_000 ? refused : undefined));
  world.run(2000, 10);
  while (world.ejected() > 0) world.run(10, 10);
  world.triedAt.clear();
  world.run(100, 10);
  expect(world.triedAt.get('e1') ?? 0).toBeLessThan(30);
  world.run(1000, 10);
  world.triedAt.clear();
  world.run(1000, 10);
  expect(world.triedAt.get('e1')).toBe(500);
});

test('of 200 endpoints three fail always: only they are ejected, and every request is served', () => {
  const bad = new Set(['e3', 'e77', 'e150']);
  const world = new World(names(200), (id) => (bad.has(id) ? broken : undefined));
  let most = 0;
  world.run(6000, 5, () => {
    most = Math.max(most, world.ejected());
  });
  expect(world.served).toBe(6000);
  expect(most).toBe(3);
  expect(world.attempts).toBeLessThan(6000 * 1.01);
});

test('of ten endpoints six fail: beyond half of them the best known are tried, and hardly a request is lost', () => {
  const world = new World(names(10), (id) => (Number(id.slice(1)) < 6 ? broken : undefined));
  world.run(5000, 10);
  // The first few may meet three bad ones in a row.
  expect(world.served).toBeGreaterThan(4990);
  expect(world.attempts).toBeLessThan(5000 * 1.03);
});

test.each([2, 3, 200])('with all of %i endpoints lost the tries stay below 1.2 times the requests, and all is well soon after', (count) => {
  const world = new World(names(count), (_id, nowMs) => (nowMs < 60_000 ? refused : undefined));
  world.run(6000, 10);
  expect(world.served).toBe(0);
  expect(world.attempts).toBeLessThanOrEqual(6000 * 1.2 + 30);
  world.run(4000, 10);
  world.served = 0;
  world.run(1000, 10);
  expect(world.served).toBe(1000);
});

test('an endpoint that refuses fast draws no traffic by that', () => {
  const busy = classifyStatus(429, { 'retry-after-ms': '50' }, '');
  const world = new World(names(2), (id) => (id === 'e1' ? busy : undefined));
  world.run(1000, 10);
  expect(world.served).toBe(1000);
  expect(world.triedAt.get('e1')).toBeLessThan(10);
});

test('where all ask for time, a short one is waited for and a long one is told, the least of all', () => {
  const world = new World(names(2), (id) => classifyStatus(429, { 'retry-after': id === 'e0' ? '9' : '1' }, ''));
  for (const { endpoint, deployment } of world.deps.fleet.candidates())
    world.deps.fleet.failed(endpoint.id, deployment.id, '', { kind: 'busy', retryAfterMs: 900 });
  expect(world.next()).toEqual({ kind: 'wait', waitMs: 901 });
  expect(world.next([], undefined, 1500)).toEqual({ kind: 'nobody', fault: { code: 'rate_limit_exceeded', retryAfterMs: 900 } });
  world.nowMs = 901;
  expect(world.request()).toBeDefined();
  for (const { endpoint, deployment } of world.deps.fleet.candidates())
    world.deps.fleet.failed(endpoint.id, deployment.id, '', { kind: 'busy', retryAfterMs: endpoint.id === 'e0' ? 90_000 : 60_000 });
  expect(world.next()).toEqual({ kind: 'nobody', fault: { code: 'rate_limit_exceeded', retryAfterMs: 60_000 } });
  const [first] = world.deps.fleet.candidates();
  if (first === undefined) throw new Error('the fleet is empty');
  expect(world.next([first], classifyStatus(529, {}, ''))).toEqual({ kind: 'nobody', fault: { code: 'overloaded', retryAfterMs: 60_000 } });
});

test('an endpoint that is alone and asked for time is asked again when it has passed', () => {
  const world = new World(['e0'], (_id, nowMs) => (nowMs < 500 ? classifyStatus(429, { 'retry-after-ms': '700' }, '') : undefined));
  const first = world.next();
  if (first.kind !== 'candidate') throw new Error('nobody is tried');
  const failure = world.try(first.candidate);
  expect(world.next([first.candidate], failure)).toEqual({ kind: 'wait', waitMs: 701 });
  world.nowMs = 701;
  expect(world.next([first.candidate], failure, 701)).toMatchObject({ kind: 'candidate', candidate: { endpoint: { id: 'e0' } } });
});

test('a model that every endpoint says not to know is not found; while another route exists, it is only out of reach', () => {
  const unknown = classifyStatus(404, {}, '{"error":{"message":"The model does not exist."}}');
  expect(new World(names(2), () => unknown).request()).toMatchObject({ code: 'model_not_found', param: 'model' });
  const other = new World(names(2), () => unknown);
  other.deps.fleet.declare('e1', 'down');
  expect(other.request()).toMatchObject({ code: 'upstream_unreachable' });
});

test('a refused key takes an endpoint out for a minute, and plugging it in ends that', () => {
  const world = new World(names(2), (id) => (id === 'e1' ? classifyStatus(401, {}, '') : undefined));
  world.run(400, 100);
  expect(world.served).toBe(400);
  expect(world.triedAt.get('e1')).toBe(1);
  world.run(6000, 100);
  // At about 60, 180 and 420 seconds.
  expect(world.triedAt.get('e1')).toBeLessThanOrEqual(5);
  world.deps.fleet.declare('e1', 'ready');
  expect(world.ejected()).toBe(0);
});

test('of many requests at once, one has the trial', () => {
  const world = new World(names(2), (id) => (id === 'e1' ? refused : undefined));
  while (world.ejected() === 0) world.run(1, 10);
  world.nowMs += 1300;
  const chosen = Array.from({ length: 50 }, () => world.next()).flatMap((next) => (next.kind === 'candidate' ? [next.candidate.endpoint.id] : []));
  expect(chosen.filter((id) => id === 'e1')).toHaveLength(1);
  expect(chosen).toHaveLength(50);
});

test('with no room on this machine, nobody is tried and nobody is blamed', () => {
  const world = new World(names(2), () => classifyTransportError(Object.assign(new Error('too many files'), { code: 'EMFILE' }), false));
  for (let n = 0; n < 10; n += 1) expect(world.request()).toMatchObject({ code: 'overloaded' });
  expect(world.attempts).toBe(10);
  expect(world.ejected()).toBe(0);
});

test('a hedge goes to another endpoint that is well, and out of the retry budget', () => {
  const demand = { model: 'm', provider: undefined, rules: undefined, unpublishedFields: [] };
  const world = new World(names(3), (id) => (id === 'e2' ? refused : undefined));
  while (world.ejected() === 0) world.run(1, 10);
  const [first] = world.deps.fleet.candidates();
  if (first === undefined) throw new Error('the fleet is empty');
  const hedges = Array.from(
    { length: 100 },
    () => hedgeTry({ ...sized, demand }, { tried: [first], attemptsAllowed: 3 }, world.deps, world.nowMs)?.endpoint.id,
  );
  expect(new Set(hedges)).toEqual(new Set(['e1', undefined]));
  expect(hedges.filter((id) => id === 'e1').length).toBeLessThanOrEqual(31);
  expect(hedgeTry({ ...sized, demand }, { tried: [first], attemptsAllowed: 3 }, new World(names(1), () => undefined).deps, 0)).toBeUndefined();
});

test('further tries of all requests together come out of one budget', () => {
  const world = new World(names(3), () => undefined);
  const [first] = world.deps.fleet.candidates();
  if (first === undefined) throw new Error('the fleet is empty');
  const kinds = Array.from({ length: 100 }, () => world.next([first], broken).kind);
  expect(kinds.filter((kind) => kind === 'candidate')).toHaveLength(30);
  expect(kinds.slice(30).every((kind) => kind === 'nobody')).toBe(true);
});
