import { expect, test } from 'vitest';
import { orderCandidates, type Ranker } from './order-candidates.ts';
import { preferenceOf } from './provider-preference.ts';
import { sampleCandidate, sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { seededRandom, type Random } from '../std/random.ts';
import type { Candidate } from '../fleet/candidate.ts';

const seeds = Array.from({ length: 300 }, (_, seed) => seed);

function drawFleet(random: Random): readonly Candidate[] {
  return Array.from({ length: 1 + Math.floor(random() * 12) }, (_, index) =>
    sampleCandidate({
      endpoint: sampleEndpoint({
        id: `e${index}`,
        silicon: { vendor: random() < 0.5 ? 'amd' : 'nvidia', chip: 'c', evidence: random() < 0.3 ? 'emulated' : 'declared' },
      }),
      deployment: sampleDeployment(`e${index}`),
      state: random() < 0.2 ? 'trial' : 'ready',
      penalised: random() < 0.2,
      weight: random() < 0.2 ? random() : 1,
      running: Math.floor(random() * 5),
    }),
  );
}

/** Admits some, and ranks by a number that it draws for each. */
function drawRanker(random: Random): Ranker & { readonly admits: (candidate: Candidate) => boolean } {
  const drawn = new Map<string, number>();
  const costOf = ({ endpoint }: Candidate): number => {
    const known = drawn.get(endpoint.id) ?? random();
    drawn.set(endpoint.id, known);
    return known;
  };
  const admits = (candidate: Candidate): boolean => costOf(candidate) < 0.8;
  return {
    admits,
    rank: (equals) => {
      const candidates = equals.filter(admits).toSorted((a, b) => costOf(a) - costOf(b));
      const [first] = candidates;
      return first && { first, candidates };
    },
    roomInMs: () => 7,
  };
}

test('whatever the fleet, everybody with room stands once, in tiers, and the first is the first of all', () => {
  for (const seed of seeds) {
    const random = seededRandom(seed);
    const [fleet, ranker] = [drawFleet(random), drawRanker(random)];
    const provider = random() < 0.5 ? undefined : { only: [], order: ['nvidia'], ignore: [] };
    const ordered = orderCandidates(fleet, [], { provider, turn: Math.floor(random() * 100), ranker });
    const admitted = fleet.filter(ranker.admits);
    const replay = `seed ${seed}`;
    expect(ordered === undefined, replay).toBe(admitted.length === 0);
    if (ordered === undefined) continue;
    expect(ordered.candidates[0], replay).toBe(ordered.first);
    expect(new Set(ordered.candidates), replay).toEqual(new Set(admitted));
    expect(ordered.candidates.length, replay).toBe(admitted.length);
    const preferences = ordered.candidates.map(({ endpoint }) => preferenceOf(endpoint, provider));
    expect(preferences, replay).toEqual(preferences.toSorted((a, b) => a - b));
    const emulated = ordered.candidates.map(({ endpoint }) => `${preferenceOf(endpoint, provider)} ${endpoint.silicon.evidence === 'emulated'}`);
    expect(emulated, replay).toEqual(emulated.toSorted());
  }
});

test('where caps leave the best no room, the next tier is tried, and those that fail last', () => {
  const [capped, emulated, failing] = ['capped', 'emulated', 'failing'].map((id) =>
    sampleCandidate({
      endpoint: sampleEndpoint({ id, silicon: { vendor: 'v', chip: 'c', evidence: id === 'emulated' ? 'emulated' : 'declared' } }),
      deployment: sampleDeployment(id),
    }),
  );
  if (capped === undefined || emulated === undefined || failing === undefined) throw new Error('three were made');
  const ranker = (allowed: readonly Candidate[]): Ranker => ({
    rank: (equals) => {
      const candidates = equals.filter((candidate) => allowed.includes(candidate));
      return candidates[0] && { first: candidates[0], candidates };
    },
    roomInMs: () => 0,
  });
  const by = { provider: undefined, turn: 0 };
  expect(orderCandidates([capped, emulated], [failing], { ...by, ranker: ranker([emulated, failing]) })?.candidates).toEqual([emulated, failing]);
  expect(orderCandidates([capped, emulated], [failing], { ...by, ranker: ranker([failing]) })?.first).toBe(failing);
  expect(orderCandidates([capped, emulated], [failing], { ...by, ranker: ranker([]) })).toBeUndefined();
});
