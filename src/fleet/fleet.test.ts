import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clock } from '../std/clock.ts';
import { noEffect, oneFailure, type HealthEffect } from './health-effect.ts';
import { Fleet } from './fleet.ts';
import { sampleDeployment, sampleEndpoint } from './testing/sample-endpoint.ts';
import type { DeploymentHealth, EndpointHealth } from './endpoint-health.ts';
import type { EndpointState } from './candidate.ts';

type Step =
  | { readonly do: 'declare'; readonly state: 'ready' | 'down' | 'unplugged' | 'starting' }
  | { readonly do: 'fail'; readonly ejects: boolean }
  | { readonly do: 'succeed' | 'begin' | 'end' }
  | { readonly do: 'wait'; readonly ms: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('declare' as const),
    state: fc.constantFrom('ready' as const, 'down' as const, 'unplugged' as const, 'starting' as const),
  }),
  fc.record({ do: fc.constant('fail' as const), ejects: fc.boolean() }),
  fc.record({ do: fc.constantFrom('succeed' as const, 'begin' as const, 'end' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(3000) }),
);

/** A judge of the plainest kind: a failure ejects for a second more than the one before, a success forgives all. */
class PlainJudge implements EndpointHealth {
  #failures = 0;
  #untilMs = 0;

  failed(_deploymentId: string, { kind }: HealthEffect, nowMs: number): void {
    if (kind === 'none') return;
    this.#failures += 1;
    this.#untilMs = nowMs + this.#failures * 1000;
  }

  succeeded(): void {
    this.forgive();
  }

  answering(): void {}

  claimTrial(): boolean {
    return false;
  }

  forgive(): void {
    this.#failures = 0;
    this.#untilMs = 0;
  }

  of(_deploymentId: string, nowMs: number): DeploymentHealth {
    const releaseInMs = Math.max(0, this.#untilMs - nowMs);
    const rest = { releaseInMs, weight: 1, penalised: false };
    return releaseInMs > 0 ? { state: 'ejected', cause: 'failing', ...rest } : { state: 'ready', cause: undefined, ...rest };
  }
}

/** The rules in their plainest form: what the fleet must agree with after any history. */
class Model {
  declared: 'ready' | 'down' | 'unplugged' | 'starting' = 'ready';
  failures = 0;
  until = 0;
  running = 0;

  apply(step: Step, nowMs: number): void {
    if (step.do === 'declare' && (this.declared !== 'unplugged' || step.state === 'ready' || step.state === 'unplugged')) {
      this.declared = step.state;
      if (step.state === 'ready') this.forgive();
    }
    if (step.do === 'fail' && step.ejects) {
      this.failures += 1;
      this.until = nowMs + this.failures * 1000;
    }
    if (step.do === 'succeed') this.forgive();
    if (step.do === 'begin') this.running += 1;
    if (step.do === 'end') this.running -= 1;
  }

  forgive(): void {
    this.failures = 0;
    this.until = 0;
  }

  state(nowMs: number): EndpointState {
    return this.declared === 'ready' && nowMs < this.until ? 'ejected' : this.declared;
  }
}

test('after any history an endpoint is in the state that the rules give, and its load is counted', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      let nowMs = 0;
      const clock: Clock = { nowMs: () => nowMs, wallMs: () => nowMs, after: () => () => {} };
      const fleet = new Fleet(clock, () => new PlainJudge());
      fleet.put(sampleEndpoint({ id: 'e' }), [sampleDeployment('e')], 'ready');
      const model = new Model();
      for (const step of steps) {
        model.apply(step, nowMs);
        if (step.do === 'declare') fleet.declare('e', step.state);
        if (step.do === 'fail') fleet.failed('e', 'm@e', 'broken', step.ejects ? oneFailure : noEffect);
        if (step.do === 'succeed') fleet.succeeded('e', 'm@e');
        if (step.do === 'begin') fleet.began('e');
        if (step.do === 'end') fleet.ended('e');
        if (step.do === 'wait') nowMs += step.ms;
        expect(fleet.status()[0]).toMatchObject({ state: model.state(nowMs), running: model.running });
        expect(fleet.candidates()[0]).toMatchObject({ state: model.state(nowMs), running: model.running });
      }
    }),
  );
});

test('an endpoint never shows its key, and a model is listed once however many serve it', () => {
  const clock: Clock = { nowMs: () => 0, wallMs: () => 0, after: () => () => {} };
  const fleet = new Fleet(clock, () => new PlainJudge());
  for (const id of ['a', 'b']) {
    fleet.put(sampleEndpoint({ id, key: 'sk-very-secret' }), [sampleDeployment(id)], 'ready');
  }
  expect(fleet.models()).toEqual(['m']);
  expect(JSON.stringify(fleet.status())).not.toContain('sk-very-secret');
});

test.each([['first'], ['last']])('whichever is heard %s, the cause of a loss stays told and not its symptom', (heard) => {
  const clock: Clock = { nowMs: () => 0, wallMs: () => 0, after: () => () => {} };
  const fleet = new Fleet(clock, () => new PlainJudge());
  fleet.put(sampleEndpoint({ id: 'e' }), [sampleDeployment('e')], 'ready');
  const hear = [() => fleet.lost('e', 'the process ended (signal SIGKILL)'), () => fleet.failed('e', 'm@e', 'other side closed', oneFailure)];
  for (const act of heard === 'first' ? hear : hear.toReversed()) act();
  expect(fleet.status()[0]).toMatchObject({ state: 'down', lastFault: { what: 'the process ended (signal SIGKILL)' } });
  fleet.declare('e', 'ready');
  fleet.failed('e', 'm@e', 'other side closed', oneFailure);
  expect(fleet.status()[0]).toMatchObject({ state: 'ejected', lastFault: { what: 'other side closed' } });
});

test('an operator is told why an endpoint is avoided and until when', () => {
  const clock: Clock = { nowMs: () => 500, wallMs: () => 1_000_000, after: () => () => {} };
  const fleet = new Fleet(clock, () => new PlainJudge());
  fleet.put(sampleEndpoint({ id: 'e' }), [sampleDeployment('e')], 'ready');
  expect(fleet.status()[0]?.avoided).toBeNull();
  fleet.failed('e', 'm@e', 'other side closed', oneFailure);
  expect(fleet.status()[0]).toMatchObject({ state: 'ejected', avoided: { why: 'it failed too often', untilWallMs: 1_001_000 } });
  fleet.declare('e', 'unplugged');
  expect(fleet.status()[0]).toMatchObject({ state: 'unplugged', avoided: null });
});

test('an endpoint that is taken out gets nothing new, is forgotten when its last request has ended, and can come back before', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('put', 'remove', 'begin', 'end'), { maxLength: 40 }), (steps) => {
      const clock: Clock = { nowMs: () => 0, wallMs: () => 0, after: () => () => {} };
      const fleet = new Fleet(clock, () => new PlainJudge());
      let running = 0;
      let forgotten = 0;
      let model: 'in' | 'leaving' | 'out' = 'out';
      let expected = 0;
      for (const step of steps) {
        if (step === 'put') fleet.put(sampleEndpoint({ id: 'e' }), [sampleDeployment('e')], 'ready');
        if (step === 'remove') fleet.remove('e', () => (forgotten += 1));
        if (step === 'begin' && model === 'in') fleet.began('e');
        if (step === 'end' && running > 0) fleet.ended('e');
        if (step === 'put') model = 'in';
        if (step === 'remove' && model === 'in') model = 'leaving';
        if (step === 'begin' && model === 'in') running += 1;
        if (step === 'end' && running > 0) running -= 1;
        if (model === 'leaving' && running === 0) {
          model = 'out';
          expected += 1;
        }
        expect(fleet.has('e')).toBe(model !== 'out');
        expect(fleet.candidates()).toHaveLength(model === 'in' ? 1 : 0);
        expect(forgotten).toBe(expected);
      }
    }),
  );
});

test('an unplugged endpoint stays so when it changes, until somebody plugs it in', () => {
  const clock: Clock = { nowMs: () => 0, wallMs: () => 0, after: () => () => {} };
  const fleet = new Fleet(clock, () => new PlainJudge());
  fleet.put(sampleEndpoint({ id: 'e' }), [sampleDeployment('e')], 'ready');
  fleet.declare('e', 'unplugged');
  fleet.put(sampleEndpoint({ id: 'e', region: 'elsewhere' }), [sampleDeployment('e')], 'ready');
  expect([fleet.endpoint('e')?.region, fleet.declaredState('e')]).toEqual(['elsewhere', 'unplugged']);
  fleet.declare('e', 'ready');
  expect(fleet.declaredState('e')).toBe('ready');
});
