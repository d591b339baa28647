import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AccessRules } from '../access/access-rules.ts';
import type { Candidate } from '../fleet/candidate.ts';
import { chooseDeployments, type Demand } from './choose-deployments.ts';
import { sampleCandidate, sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';

function candidate(
  id: string,
  facts: {
    state?: Candidate['state'];
    running?: number;
    vendor?: string;
    evidence?: 'declared' | 'emulated';
    extensions?: readonly string[];
    model?: string;
    cause?: Candidate['cause'];
    releaseInMs?: number;
    weight?: number;
    penalised?: boolean;
  } = {},
): Candidate {
  const silicon = { vendor: facts.vendor ?? 'amd', chip: 'chip', evidence: facts.evidence ?? ('declared' as const) };
  const { vendor: _vendor, evidence: _evidence, extensions, model, ...health } = facts;
  return sampleCandidate({
    cause: facts.state === 'ejected' ? 'failing' : undefined,
    ...health,
    endpoint: sampleEndpoint({ id, silicon, extensions: extensions ?? [] }),
    deployment: sampleDeployment(id, { model: model ?? 'm' }),
  });
}

const demand: Demand = { model: 'm', provider: undefined, rules: undefined, unpublishedFields: [], turn: 0 };

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

test('a request goes past endpoints that refuse a part of it, and what the first refuses is told where all do', () => {
  const all = [candidate('a'), candidate('b')];
  const refuses = { what: 'member', path: 'logprobs' } as const;
  expect(order(all, { refusedBy: ({ id }) => (id === 'a' ? refuses : undefined) })).toEqual(['b']);
  const byAll = { ...demand, refusedBy: ({ id }: { id: string }) => (id === 'a' ? refuses : ({ what: 'route' } as const)) };
  expect(chooseDeployments(all, byAll)).toEqual({ kind: 'refused', refused: refuses });
});

test('beyond half of a model’s endpoints ejected, those that failed least are tried after the others', () => {
  const failing = (id: string, releaseInMs: number): Candidate => candidate(id, { state: 'ejected', releaseInMs });
  expect(order([failing('a', 9), failing('b', 5), candidate('c')])).toEqual(['c', 'b']);
  expect(order([failing('a', 9), failing('b', 5), candidate('c'), candidate('d')])).toEqual(['c', 'd']);
  expect(order([failing('a', 9), failing('b', 5)])).toEqual(['b', 'a']);
});

test('what waits for its operator is not tried, however few are left', () => {
  const unusable = candidate('a', { state: 'ejected', cause: 'unusable', releaseInMs: 50 });
  expect(chooseDeployments([unusable], demand)).toMatchObject({ kind: 'none-available', releaseInMs: 50 });
  expect(order([unusable, candidate('b')])).toEqual(['b']);
  expect(order([candidate('a', { state: 'trial', cause: 'unusable' }), candidate('b')])).toEqual(['a', 'b']);
});

test('a model that no endpoint knows is unknown, unless another route to it is only down', () => {
  const wrong = candidate('a', { state: 'ejected', cause: 'misconfigured', releaseInMs: 50 });
  expect(order([wrong])).toBe('unknown-model');
  expect(order([wrong, candidate('b', { state: 'down' })])).toBe('none-available');
  expect(order([wrong, candidate('b')])).toEqual(['b']);
});

test('where all that work ask for time, the soonest to be free is told, and a failing one is no better', () => {
  const parked = [candidate('a', { state: 'parked', releaseInMs: 70 }), candidate('b', { state: 'parked', releaseInMs: 30 })];
  expect(chooseDeployments([...parked, candidate('c', { state: 'ejected' })], demand)).toEqual({ kind: 'parked', releaseInMs: 30 });
  expect(order([...parked, candidate('c', { running: 9 })])).toEqual(['c']);
});

test('a trial that is due comes first among equals, and never before what is preferred or real', () => {
  expect(order([candidate('a'), candidate('t', { state: 'trial' })])).toEqual(['t', 'a']);
  expect(order([candidate('a'), candidate('t', { state: 'trial', evidence: 'emulated' })])).toEqual(['a', 't']);
});

test('whoever refused lately comes after its equals, because refusing fast makes it look idle', () => {
  expect(order([candidate('a', { penalised: true }), candidate('b', { running: 9 })])).toEqual(['b', 'a']);
});

test('whoever warms up gets just its weight of the turns', () => {
  const all = [candidate('a', { weight: 0.25 }), candidate('b', { running: 3 })];
  const firsts = Array.from({ length: 1000 }, (_, turn) => order(all, { turn })[0]);
  expect(firsts.filter((id) => id === 'a').length).toBeGreaterThan(245);
  expect(firsts.filter((id) => id === 'a').length).toBeLessThan(255);
});

test('whatever the fleet, the choice is what the rules say in their plainest form', () => {
  const anyCandidate = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    state: fc.constantFrom('starting', 'ready', 'unplugged', 'ejected', 'parked', 'trial', 'down'),
    cause: fc.constantFrom('failing', 'unusable', 'misconfigured'),
    running: fc.nat(5),
    releaseInMs: fc.nat(99),
    weight: fc.constantFrom(0.1, 1),
    penalised: fc.boolean(),
    model: fc.constantFrom('m', 'n'),
    evidence: fc.constantFrom('declared', 'emulated'),
  });
  fc.assert(
    fc.property(fc.uniqueArray(anyCandidate, { selector: ({ id }) => id }), fc.nat(50), fc.subarray(['a', 'b', 'c', 'd']), (facts, turn, ignore) => {
      const all = facts.map(({ id, ...rest }) => candidate(id, rest));
      const choice = chooseDeployments(all, { ...demand, turn, provider: { only: [], order: [], ignore } });
      const left = all.filter(({ deployment, endpoint }) => deployment.model === 'm' && !ignore.includes(endpoint.id));
      const open = left.filter(({ state }) => state === 'ready' || state === 'trial');
      const failing = left.filter(({ state, cause }) => state === 'ejected' && cause === 'failing');
      const others = left.filter(({ state, cause }) => state === 'parked' || (state === 'ejected' && cause === 'unusable'));
      if (choice.kind === 'parked')
        return open.length === 0 && left.some(({ state, releaseInMs }) => state === 'parked' && releaseInMs === choice.releaseInMs);
      if (choice.kind !== 'candidates') return open.length === 0 && (failing.length === 0 || left.some(({ state }) => state === 'parked'));
      const ids = choice.candidates.map(({ endpoint }) => endpoint.id);
      const leftOut = failing.filter((one) => !choice.candidates.includes(one)).length;
      return (
        new Set(ids).size === ids.length &&
        choice.candidates.every((chosen, at) => (at < open.length ? open : failing).includes(chosen)) &&
        choice.candidates.length >= open.length &&
        leftOut <= (open.length + failing.length + others.length) / 2
      );
    }),
  );
});

test('whoever the caller has not approved is never among those to try, whatever state the others are in', () => {
  const regions = ['eu-west', 'us-east', undefined];
  const states = ['ready', 'trial', 'parked', 'ejected', 'down'] as const;
  const drawn = fc.array(fc.record({ region: fc.constantFrom(...regions), state: fc.constantFrom(...states) }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(drawn, fc.nat(20), (places, turn) => {
      const all = places.map(({ region, state }, index) => {
        const endpoint = sampleEndpoint({ id: `e${index}`, region });
        const cause = state === 'ejected' ? ('failing' as const) : undefined;
        return sampleCandidate({ endpoint, deployment: sampleDeployment(endpoint.id), state, cause, releaseInMs: index });
      });
      const choice = chooseDeployments(all, { ...demand, rules: new AccessRules({ regions: ['eu-*'] }, []), turn });
      const tried = choice.kind === 'candidates' ? [choice.first, ...choice.candidates] : [];
      expect(tried.filter(({ endpoint }) => endpoint.region !== 'eu-west')).toEqual([]);
      expect(choice.kind === 'not-approved').toBe(places.every(({ region }) => region !== 'eu-west'));
    }),
  );
});
