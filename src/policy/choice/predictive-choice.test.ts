import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseDeployments } from '../choose-deployments.ts';
import { LearnedRouting } from './learned-routing.ts';
import { PredictiveChoice } from './predictive-choice.ts';
import { replayable } from '../../std/testing/replayable.ts';
import { sampleCandidate, sampleDeployment, sampleEndpoint } from '../../fleet/testing/sample-endpoint.ts';
import { seededRandom } from '../../std/random.ts';
import type { Ask, ShareView } from './ask.ts';
import type { Candidate, Place } from '../../fleet/candidate.ts';
import type { Prior } from '../predict/prior.ts';

const file = 'src/policy/choice/predictive-choice.test.ts';
const fast: Prior = { from: 'published', firstTokenMs: 10, perPromptTokenMs: 0.02, stepMs: 5, perSequenceMs: 0.05, perKvTokenMs: 1e-5 };
const slow: Prior = { from: 'published', firstTokenMs: 20, perPromptTokenMs: 0.1, stepMs: 20, perSequenceMs: 0.2, perKvTokenMs: 4e-5 };
const ask: Ask = {
  promptTokens: 1000,
  maxTokens: undefined,
  prefixHashes: new Int32Array(0),
  prefixBlockTokens: 64,
  slo: { name: 'interactive', ttftMs: 2000, tpotMs: 50 },
  objective: 'fastest',
};

function at(id: string, outputUsdPerMtok?: number, health: Partial<Candidate> = {}): Candidate {
  const price = outputUsdPerMtok === undefined ? undefined : { inputUsdPerMtok: 1, cachedInputUsdPerMtok: 0.5, outputUsdPerMtok };
  return sampleCandidate({ endpoint: sampleEndpoint({ id }), deployment: sampleDeployment(id, { price }), ...health });
}

function choiceOf(priors: Readonly<Record<string, Prior>>, shares?: ShareView): PredictiveChoice {
  const choice = new PredictiveChoice({ random: seededRandom(1), shares, priorOf: ({ endpoint }) => priors[endpoint.id] ?? slow });
  return choice;
}

/** A short answer from each, so that nobody is unknown and explored. */
function acquaint(choice: PredictiveChoice, candidates: readonly Candidate[], ttftMs: (id: string) => number): void {
  for (const candidate of candidates) {
    const dispatch = choice.dispatched(candidate, ask, 0);
    choice.firstToken(dispatch, ttftMs(candidate.endpoint.id));
    choice.ended(dispatch, { outcome: 'ok', outputTokens: 1, cachedTokens: 0 }, ttftMs(candidate.endpoint.id) + 1);
  }
}

function firstOf(choice: PredictiveChoice, candidates: readonly Candidate[], asked: Ask = ask): string | undefined {
  return choice.rank(candidates, asked, 200)?.first.endpoint.id;
}

describe('the predictive choice', () => {
  const slower = at('slow', 2);
  const two = [at('fast', 8), slower];

  test('takes the faster for `fastest`, and the cheaper for `cheapest` where both keep the SLO', () => {
    const choice = choiceOf({ fast });
    acquaint(choice, two, (id) => (id === 'fast' ? 30 : 120));
    expect(firstOf(choice, two)).toBe('fast');
    expect(firstOf(choice, two, { ...ask, objective: 'cheapest' })).toBe('slow');
    expect(firstOf(choice, two, { ...ask, objective: 'cheapest', slo: { name: 'coding', tpotMs: 10 } })).toBe('fast');
  });

  test('goes by the prices that it is told, also where deployments say none themselves', () => {
    const candidates = [at('listed'), at('dear')];
    const usd: Readonly<Record<string, number>> = { listed: 2, dear: 20 };
    const priceOf = ({ endpoint }: Place) => ({ inputUsdPerMtok: 1, cachedInputUsdPerMtok: 0.5, outputUsdPerMtok: usd[endpoint.id] ?? 0 });
    const choice = new PredictiveChoice({ random: seededRandom(1), shares: undefined, priorOf: () => slow, priceOf });
    acquaint(choice, candidates, () => 120);
    expect(firstOf(choice, candidates, { ...ask, objective: 'cheapest' })).toBe('listed');
  });

  test('takes a place without a price for the dearest, not for a gift', () => {
    const choice = choiceOf({});
    const candidates = [at('unpriced'), at('cheap', 2), at('dear', 20)];
    acquaint(choice, candidates, () => 120);
    expect(firstOf(choice, candidates, { ...ask, objective: 'cheapest' })).toBe('cheap');
  });

  test('sends a prompt where its beginning is, until that place is so busy that its first token would suffer', () => {
    const choice = choiceOf({});
    const b = at('b');
    const candidates = [at('a'), b];
    acquaint(choice, candidates, () => 120);
    const long: Ask = { ...ask, promptTokens: 6400, prefixHashes: Int32Array.from({ length: 100 }, (_, index) => index + 77) };
    choice.ended(choice.dispatched(b, long, 150), { outcome: 'ok', outputTokens: 1, cachedTokens: 0 }, 160);
    expect(firstOf(choice, candidates, long)).toBe('b');
    for (let sent = 0; sent < 12; sent += 1) choice.dispatched(b, { ...ask, promptTokens: 8000 }, 170);
    expect(firstOf(choice, candidates, long)).toBe('a');
  });

  test('spreads a thousand equal arrivals over equal places', () => {
    const choice = choiceOf({});
    const candidates = Array.from({ length: 10 }, (_, index) => at(`e${index}`));
    const counts = new Map<string, number>();
    const short: Ask = { ...ask, promptTokens: 50, slo: undefined };
    for (let sent = 0; sent < 1000; sent += 1) {
      const first = choice.rank(candidates, short, 0)?.first;
      if (first === undefined) throw new Error('Somebody is first.');
      choice.dispatched(first, short, 0);
      counts.set(first.endpoint.id, (counts.get(first.endpoint.id) ?? 0) + 1);
    }
    expect(counts.size).toBe(10);
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(30);
  });

  test('gives a place that nobody knows a request soon, and no other until it has answered', () => {
    const choice = choiceOf({ known: fast, unknown: slow });
    const candidates = [at('known'), at('unknown')];
    acquaint(choice, candidates.slice(0, 1), () => 30);
    let sent = 0;
    for (let asked = 0; asked < 60; asked += 1) {
      const first = choice.rank(candidates, ask, 200)?.first;
      if (first?.endpoint.id !== 'unknown') continue;
      sent += 1;
      choice.dispatched(first, ask, 200);
    }
    expect(sent).toBe(1);
  });

  test('never chooses outside the candidates, and ranks each of them once, whatever happened before', () => {
    const events = fc.array(fc.tuple(fc.nat(5), fc.nat(4), fc.nat(5000), fc.constantFrom('fastest', 'cheapest', 'balanced')), { maxLength: 150 });
    fc.assert(
      fc.property(events, fc.integer(), (steps, seed) => {
        const all = Array.from({ length: 6 }, (_, index) => at(`e${index}`, index % 2 === 0 ? index + 1 : undefined));
        const choice = new PredictiveChoice({ random: seededRandom(seed), shares: undefined, priorOf: () => ({ from: 'none' }) });
        const running: number[] = [];
        let nowMs = 0;
        for (const [which, kind, size, objective] of steps) {
          nowMs += size / 10;
          const asked: Ask = { ...ask, promptTokens: size + 1, objective };
          const candidates = all.filter((_, index) => index !== which);
          const ranking = choice.rank(candidates, asked, nowMs);
          expect(new Set(ranking?.candidates)).toEqual(new Set(candidates));
          expect(ranking?.candidates.length).toBe(candidates.length);
          const first = ranking?.first;
          if (first === undefined) throw new Error('Somebody is first.');
          expect(candidates).toContain(first);
          running.push(choice.dispatched(first, asked, nowMs));
          const old = running[size % running.length] ?? -1;
          if (kind === 0) choice.firstToken(old, nowMs);
          if (kind === 1) choice.ended(old, { outcome: 'ok', outputTokens: size, cachedTokens: 0 }, nowMs);
          if (kind === 2) choice.refused(old, nowMs);
          if (kind === 3) choice.ended(old, { outcome: 'failed', outputTokens: undefined, cachedTokens: undefined }, nowMs);
          if (kind === 4) choice.gauges(`m@e${which}`, { asOfMs: nowMs, running: size % 50, waiting: 0, kvUsed: (size % 100) / 100 });
        }
        for (const fate of choice.explain(all, ask, nowMs))
          for (const figure of [fate.ttftMs, fate.tpotMs, fate.cost, fate.harm]) expect(figure).toBeGreaterThanOrEqual(0);
      }),
      replayable(file, 100),
    );
  });

  test('explains each candidate, and chooses in words whom it chooses in fact', () => {
    const choice = choiceOf({ fast });
    acquaint(choice, two, (id) => (id === 'fast' ? 30 : 120));
    const fates = choice.explain(two, ask, 200);
    expect(fates.find(({ chosen }) => chosen)?.endpointId).toBe(firstOf(choice, two));
    expect(fates.map(({ why }) => why === undefined)).toEqual([true, false]);
    expect(fates[1]?.why).toMatch(/would take \d+ ms, there \d+ ms/);
    expect(fates.map(({ ttftEvidence, tpotEvidence }) => [ttftEvidence, tpotEvidence])).toEqual([
      [
        { kind: 'measured', answers: 1 },
        { kind: 'prior', from: 'published' },
      ],
      [
        { kind: 'measured', answers: 1 },
        { kind: 'prior', from: 'published' },
      ],
    ]);
  });

  test('keeps to hard caps and tells once what they displaced; where they leave nobody, that is said', () => {
    const displaced: string[] = [];
    const shares: ShareView = {
      isOpen: () => false,
      countsUsd: () => true,
      admitsAnywhere: () => false,
      isFree: () => false,
      admits: ({ endpoint }) => endpoint.id !== 'fast',
      priceUsd: () => 0,
      displaced: (from, to, _size, { ttftMs }) => displaced.push(`${from.endpoint.id} ${to.endpoint.id} ${ttftMs !== undefined && ttftMs > 0}`),
    };
    const choice = choiceOf({ fast }, shares);
    acquaint(choice, two, (id) => (id === 'fast' ? 30 : 120));
    const ranker = new LearnedRouting({ choice, shares: undefined, priceOf: ({ deployment }) => deployment.price }).rankerFor(ask, 200);
    const demand = { model: 'm', provider: undefined, rules: undefined, unpublishedFields: [], turn: 0, ranker };
    const found = chooseDeployments(two, demand);
    expect(found.kind === 'candidates' ? found.candidates.map(({ endpoint }) => endpoint.id) : found.kind).toEqual(['slow']);
    choice.dispatched(slower, ask, 200);
    expect(displaced).toEqual(['fast slow true']);
    const alone = chooseDeployments(two.slice(0, 1), demand);
    expect(alone.kind).toBe('capped');
  });

  test('a soft cap’s price outweighs speed once it is high enough', () => {
    let usd = 0;
    const shares: ShareView = {
      isOpen: () => false,
      countsUsd: () => false,
      admitsAnywhere: () => true,
      isFree: () => false,
      admits: () => true,
      priceUsd: ({ endpoint }) => (endpoint.id === 'fast' ? usd : 0),
      displaced: () => {},
    };
    const choice = choiceOf({ fast }, shares);
    acquaint(choice, two, (id) => (id === 'fast' ? 30 : 120));
    expect(firstOf(choice, two)).toBe('fast');
    usd = 0.1;
    expect(firstOf(choice, two)).toBe('slow');
  });

  test('what was forgotten counts no more in the next choice, whatever was compared before', () => {
    const choice = choiceOf({ fast });
    acquaint(choice, two, (id) => (id === 'fast' ? 5000 : 120));
    for (let again = 0; again < 30; again += 1) acquaint(choice, two, (id) => (id === 'fast' ? 5000 : 120));
    expect(firstOf(choice, two)).toBe('slow');
    choice.forget('m@fast');
    expect(firstOf(choice, two)).toBe('fast');
  });

  test('what was learned is there again after a restart, as a stored profile', () => {
    const choice = choiceOf({ fast: slow });
    const candidates = two.slice(0, 1);
    for (let seen = 0; seen < 50; seen += 1) acquaint(choice, candidates, () => 400);
    const again = choiceOf({ fast });
    again.restore(structuredClone(choice.profiles()));
    const [before] = choice.explain(candidates, ask, 1e6);
    const [after] = again.explain(candidates, ask, 1e6);
    expect(after?.ttftMs).toBeCloseTo(before?.ttftMs ?? 0, 6);
    expect(after?.ttftEvidence).toEqual({ kind: 'prior', from: 'stored profile' });
    again.forget('m@fast');
    expect(again.explain(candidates, ask, 1e6)[0]?.ttftEvidence).toEqual({ kind: 'prior', from: 'published' });
  });
});
