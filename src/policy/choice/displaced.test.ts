import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectives, type Ask, type ShareView } from './ask.ts';
import { PredictiveChoice } from './predictive-choice.ts';
import { replayable } from '../../std/testing/replayable.ts';
import { sampleCandidate, sampleDeployment, sampleEndpoint } from '../../fleet/testing/sample-endpoint.ts';
import { seededRandom } from '../../std/random.ts';
import type { Candidate } from '../../fleet/candidate.ts';
import type { CandidateFate } from './candidate-fate.ts';

const place = fc.record({
  usdPerMtok: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
  /** What caps add to a request there. */
  shareUsd: fc.constantFrom(0, 1e-5, 1e-5, 1e-3, 1e-2),
  isFull: fc.boolean(),
  /** Tokens of answers that ran there before, and whether each has ended. */
  before: fc.array(fc.record({ tokens: fc.integer({ min: 1, max: 400 }), hasEnded: fc.boolean() }), { maxLength: 1 }),
});

const plan = fc.record({
  places: fc.array(place, { minLength: 2, maxLength: 6 }),
  anyFull: fc.boolean(),
  blocks: fc.integer({ min: 0, max: 4 }),
  objective: fc.constantFrom(...objectives),
  seed: fc.nat(),
});

interface Told {
  readonly from: Candidate;
  readonly to: Candidate;
  readonly usd: number | undefined;
  readonly ttftMs: number | undefined;
}

function askOf(blocks: number, objective: Ask['objective']): Ask {
  const prefixHashes = Int32Array.from({ length: blocks }, (_, index) => index * 7919 + 1);
  return { promptTokens: 100 + blocks * 64, maxTokens: 300, prefixHashes, prefixBlockTokens: 64, slo: undefined, objective };
}

/** The one that caps kept a request from by the costs without them, if they did: worked out from what is told to people. */
function displacedBy(
  to: Candidate,
  inOrder: readonly Candidate[],
  free: readonly CandidateFate[],
  capped: readonly CandidateFate[],
  anyWithheld: boolean,
) {
  const fateOf = (fates: readonly CandidateFate[], { deployment }: Candidate) => fates.find(({ deploymentId }) => deploymentId === deployment.id);
  const freeCost = (candidate: Candidate): number => fateOf(free, candidate)?.cost ?? NaN;
  const toCost = fateOf(capped, to)?.cost ?? NaN;
  const isCapped = anyWithheld || inOrder.some((candidate) => (fateOf(capped, candidate)?.shareUsd ?? 0) > 0 && freeCost(candidate) < toCost);
  const from = inOrder.reduce((best, candidate) => (freeCost(candidate) < freeCost(best) ? candidate : best), to);
  if (!isCapped || from === to) return [];
  const [there, here] = [fateOf(free, from), fateOf(free, to)];
  const usd = there?.usd === undefined || here?.usd === undefined ? undefined : here.usd - there.usd;
  return [{ from, to, usd, ttftMs: (here?.ttftMs ?? NaN) - (there?.ttftMs ?? NaN) }];
}

test('whom caps displaced is told as two comparisons of all candidates would have it, with caps and without', () => {
  fc.assert(
    fc.property(plan, ({ places, anyFull, blocks, objective, seed }) => {
      const candidates = places.map(({ usdPerMtok }, index) => {
        const price = usdPerMtok && { inputUsdPerMtok: usdPerMtok, cachedInputUsdPerMtok: usdPerMtok / 2, outputUsdPerMtok: 2 * usdPerMtok };
        const id = `e${index}`;
        return sampleCandidate({ endpoint: sampleEndpoint({ id }), deployment: sampleDeployment(id, { price: price || undefined }) });
      });
      const placeOf = (candidate: Candidate) => places[candidates.indexOf(candidate)];
      const told: Told[] = [];
      const shares: ShareView = {
        isOpen: () => false,
        countsUsd: () => false,
        admitsAnywhere: () => !anyFull,
        isFree: () => places.every(({ shareUsd }) => shareUsd === 0),
        admits: (candidate) => !anyFull || placeOf(candidate)?.isFull !== true,
        priceUsd: (candidate) => placeOf(candidate)?.shareUsd ?? 0,
        displaced: (from, to, _size, { usd, ttftMs }) => told.push({ from, to, usd, ttftMs }),
      };
      const options = { random: seededRandom(seed), priorOf: () => ({ from: 'none' }) as const };
      const [capped, free] = [new PredictiveChoice({ ...options, shares }), new PredictiveChoice({ ...options, shares: undefined })];
      const ask = askOf(blocks, objective);
      let nowMs = 0;
      for (const [index, { before }] of places.entries())
        for (const { tokens, hasEnded } of before) {
          nowMs += 5;
          for (const choice of [capped, free]) {
            const dispatch = choice.dispatched(candidates[index] ?? sampleCandidate({}), ask, nowMs);
            if (hasEnded) choice.ended(dispatch, { outcome: 'ok', outputTokens: tokens, cachedTokens: undefined }, nowMs + tokens);
          }
        }
      nowMs += 500;
      const admitted = capped.admitted(candidates, ask, nowMs);
      const withheld = candidates.filter((candidate) => !admitted.includes(candidate));
      const [freely, under] = [free.explain(candidates, ask, nowMs), capped.explain(admitted, ask, nowMs)];
      const to = capped.rank(admitted, ask, nowMs)?.first;
      if (to === undefined) return;
      capped.dispatched(to, ask, nowMs);
      expect(told).toEqual(displacedBy(to, [...admitted, ...withheld], freely, under, withheld.length > 0));
    }),
    replayable('src/policy/choice/displaced.test.ts', 100),
  );
});
