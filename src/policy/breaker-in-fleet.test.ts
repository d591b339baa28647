import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Breaker } from './breaker.ts';
import { defaultHealthRules } from './health-rules.ts';
import { Fleet } from '../fleet/fleet.ts';
import { oneFailure, type HealthEffect } from '../fleet/health-effect.ts';
import { replayable } from '../std/testing/replayable.ts';
import { sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { seededRandom } from '../std/random.ts';

type Step = {
  readonly at: number;
  readonly ms: number;
  readonly do: (fleet: Fleet, id: string, deploymentId: string) => void;
  readonly named: string;
};

const effects: readonly HealthEffect[] = [oneFailure, { kind: 'busy', retryAfterMs: 700 }, { kind: 'unusable' }, { kind: 'misconfigured' }];
const endpoint = (id: string): ReturnType<typeof sampleEndpoint> => sampleEndpoint({ id });
const deployments = (id: string) => [sampleDeployment(id), sampleDeployment(id, { id: `n@${id}`, model: 'n' })];
const doings: Record<string, Step['do']> = {
  began: (fleet, id) => fleet.began(id),
  ended: (fleet, id) => fleet.ended(id),
  succeeded: (fleet, id, deploymentId) => fleet.succeeded(id, deploymentId),
  answering: (fleet, id, deploymentId) => fleet.answering(id, deploymentId),
  'claims a trial': (fleet, id, deploymentId) => void fleet.claimTrial(id, deploymentId),
  unplugged: (fleet, id) => fleet.declare(id, 'unplugged'),
  'plugged in': (fleet, id) => fleet.declare(id, 'ready'),
  lost: (fleet, id) => fleet.lost(id, 'lost'),
  removed: (fleet, id) => fleet.remove(id, () => {}),
  put: (fleet, id) => fleet.put(endpoint(id), deployments(id), 'ready'),
  ...Object.fromEntries(
    effects.map((effect) => [effect.kind, (fleet: Fleet, id: string, deploymentId: string) => fleet.failed(id, deploymentId, 'failed', effect)]),
  ),
};
const anyStep: fc.Arbitrary<Step> = fc
  .record({ at: fc.nat(2), ms: fc.constantFrom(0, 0, 1, 500, 5000, 60_000), named: fc.constantFrom(...Object.keys(doings)) })
  .map(({ at, ms, named }) => ({ at, ms, named, do: doings[named] ?? (() => {}) }));

test('a fleet that is asked after every step says the same as one that is asked once: what it did not look at again had not changed', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      let nowMs = 0;
      const clock = { nowMs: () => nowMs, wallMs: () => nowMs, after: () => () => {} };
      const [asked, quiet] = [0, 1].map(() => {
        const random = seededRandom(7);
        const fleet = new Fleet(clock, () => new Breaker(defaultHealthRules, random));
        for (const id of ['a', 'b', 'c']) fleet.put(endpoint(id), deployments(id), 'ready');
        return fleet;
      });
      for (const step of steps) {
        nowMs += step.ms;
        const id = ['a', 'b', 'c'][step.at] ?? 'a';
        for (const fleet of [asked, quiet]) if (fleet !== undefined) step.do(fleet, id, `m@${id}`);
        asked?.candidates();
      }
      expect(asked?.candidates()).toEqual(quiet?.candidates());
    }),
    replayable('src/policy/breaker-in-fleet.test.ts', 500),
  );
});

test('a list of candidates stays as it was when it was asked for', () => {
  const fleet = new Fleet({ nowMs: () => 0, wallMs: () => 0, after: () => () => {} }, () => new Breaker(defaultHealthRules, seededRandom(1)));
  fleet.put(endpoint('a'), deployments('a'), 'ready');
  const before = fleet.candidates();
  fleet.began('a');
  expect(fleet.candidates().map(({ running }) => running)).toEqual([1, 1]);
  expect(before.map(({ running }) => running)).toEqual([0, 0]);
});
