import { expect, test } from 'vitest';
import { describeDependence } from './describe-dependence.ts';
import type { DependenceAnswer } from './dependence-answer.ts';

const answer: DependenceAnswer = {
  asOfWallMs: 0,
  windowMs: 3_600_000,
  sentence: '75 % of all tokens came from nvidia; without it, the others could surely serve 40 % of the peak load. No second source: alone.',
  shares: [
    { vendor: 'nvidia', controlGroup: 'green', share: 0.75, tokens: 750, requests: 7, usd: 0.5, evidence: { declared: 500, inferred: 250 } },
    { vendor: 'amd', controlGroup: 'amd', share: 0.25, tokens: 250, requests: 3, evidence: { measured: 250 } },
  ],
  emulatedTokens: 42,
  concentration: { vendor: 0.625, controlGroup: 0.625 },
  caps: [
    {
      group: { by: 'vendor', name: 'nvidia' },
      measure: 'tokens',
      kind: 'hard',
      most: 0.8,
      windowMs: 3_600_000,
      share: 0.75,
      state: 'yielding',
      displaced: { requests: 12, tokens: 3400, extraUsd: 0.25, extraTtftMs: -40 },
    },
  ],
  overTime: { bucketMs: 60_000, points: [] },
  outages: [
    {
      model: 'alone',
      sloClass: 'any',
      lost: { by: 'vendor', name: 'nvidia' },
      atLeast: 0.4,
      peakTokensPerSecond: 12.5,
      leftOut: [{ endpointId: 'x', why: 'its silicon is unknown' }],
    },
  ],
  withoutSecondSource: ['alone'],
};

test('the report says in words what is known, by what, and what it would cost; emulated apart', () => {
  const lines = describeDependence(answer).split('\n');
  expect(lines[0]).toBe(answer.sentence);
  for (const line of [
    "Models without a second source (one vendor's silicon alone serves them): alone",
    'nvidia  green          75.0 %     750         7  0.500000  declared 66.7 %, inferred 33.3 %',
    'amd     amd            25.0 %     250         3   unknown  measured',
    "Apart from these, and no vendor's: 42 emulated tokens, made by emulators that behave like a chip.",
    '  vendor nvidia: at most 80.0 % of tokens in each 1 h (hard); now 75.0 %; YIELDS: another vendor is lost. It has sent 12 requests (3400 tokens) elsewhere, for 0.250000 USD more and 40 ms sooner in the mean, as predicted.',
    expect.stringMatching(/^! alone +any +vendor nvidia +40\.0 % +12\.5 +x: its silicon is unknown$/),
  ])
    expect(lines).toContainEqual(line);
});

test('where there is nothing, it says so and what to do', () => {
  const empty = { ...answer, shares: [], emulatedTokens: 0, concentration: {}, caps: [], outages: [], withoutSecondSource: [] };
  const text = describeDependence(empty);
  expect(text).toContain('none was made by real silicon');
  expect(text).toContain('No caps are set. One is set by: second-source config set caps/NAME');
  expect(text).toContain('cannot be told: no real silicon served anything');
});
