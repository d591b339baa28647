import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Candidate } from '../fleet/candidate.ts';
import { chooseDeployments, type Demand } from './choose-deployments.ts';
import { sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';

function candidate(
  id: string,
  facts: {
    state?: Candidate['state'];
    running?: number;
    vendor?: string;
    evidence?: 'declared' | 'emulated';
    extensions?: readonly string[];
    model?: string;
  } = {},
): Candidate {
  const silicon = { vendor: facts.vendor ?? 'amd', chip: 'chip', evidence: facts.evidence ?? ('declared' as const) };
  return {
    endpoint: sampleEndpoint({ id, silicon, extensions: facts.extensions ?? [] }),
    deployment: sampleDeployment(id, { model: facts.model ?? 'm' }),
    state: facts.state ?? 'ready',
    running: facts.running ?? 0,
  };
}

const demand: Demand = { model: 'm', provider: undefined, unpublishedFields: [], turn: 0 };

function order(all: readonly Candidate[], changes: Partial<Demand> = {}): readonly string[] | string {
  const choice = chooseDeployments(all, { ...demand, ...changes });
  return choice.kind === 'candidates' ? choice.candidates.map(({ endpoint }) => endpoint.id) : choice.kind;
}

test('the least loaded comes first, and equals take turns', () => {
  expect(order([candidate('a', { running: 2 }), candidate('b', { running: 1 })])).toEqual(['b', 'a']);
  const equals = [candidate('a'), candidate('b'), candidate('c')];
  expect([0, 1, 2, 3].map((turn) => order(equals, { turn })[0])).toEqual(['a', 'b', 'c', 'a']);
});

test('real silicon comes before emulated, however loaded', () => {
  expect(order([candidate('e', { evidence: 'emulated' }), candidate('r', { running: 9 })])).toEqual(['r', 'e']);
});

test('`provider` prefers, restricts and excludes by endpoint or by vendor', () => {
  const all = [candidate('a', { vendor: 'amd' }), candidate('g', { vendor: 'groq', evidence: 'emulated' }), candidate('n', { vendor: 'nvidia' })];
  const provider = { only: [], order: [], ignore: [] };
  expect(order(all, { provider: { ...provider, order: ['groq', 'n'] } })).toEqual(['g', 'n', 'a']);
  expect(order(all, { provider: { ...provider, only: ['groq'] } })).toEqual(['g']);
  expect(order(all, { provider: { ...provider, ignore: ['a', 'nvidia'] } })).toEqual(['g']);
  expect(order(all, { provider: { ...provider, only: ['nobody'] } })).toBe('none-available');
});

test('an ejected endpoint is tried only where nobody else is left, an unplugged one never', () => {
  expect(order([candidate('a', { state: 'ejected' }), candidate('b', { running: 5 })])).toEqual(['b']);
  expect(order([candidate('a', { state: 'ejected' }), candidate('b', { state: 'unplugged' })])).toEqual(['a']);
  expect(order([candidate('a', { state: 'unplugged' }), candidate('b', { state: 'down' })])).toBe('none-available');
});

test('a field beyond the published API goes only to endpoints that declare it', () => {
  const all = [candidate('a'), candidate('b', { extensions: ['top_k'] })];
  expect(order(all, { unpublishedFields: ['top_k'] })).toEqual(['b']);
  expect(chooseDeployments(all, { ...demand, unpublishedFields: ['odd'] })).toEqual({ kind: 'unknown-field', field: 'odd' });
  expect(order([candidate('a', { model: 'other' })])).toBe('unknown-model');
});

test('whatever the fleet, nobody is chosen who does not serve the model, is unplugged or was excluded', () => {
  const anyCandidate = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    state: fc.constantFrom('starting', 'ready', 'unplugged', 'ejected', 'down'),
    running: fc.nat(5),
    model: fc.constantFrom('m', 'n'),
    evidence: fc.constantFrom('declared', 'emulated'),
  });
  fc.assert(
    fc.property(fc.uniqueArray(anyCandidate, { selector: ({ id }) => id }), fc.nat(50), fc.subarray(['a', 'b', 'c', 'd']), (facts, turn, ignore) => {
      const all = facts.map(({ id, ...rest }) => candidate(id, rest));
      const choice = chooseDeployments(all, { ...demand, turn, provider: { only: [], order: [], ignore } });
      const allowed = all.filter(
        ({ deployment, state, endpoint }) => deployment.model === 'm' && (state === 'ready' || state === 'ejected') && !ignore.includes(endpoint.id),
      );
      if (choice.kind !== 'candidates') return allowed.length === 0;
      const ready = allowed.filter(({ state }) => state === 'ready');
      return (
        choice.candidates.length === (ready.length > 0 ? ready.length : allowed.length) &&
        choice.candidates.every((chosen) => allowed.includes(chosen))
      );
    }),
  );
});
