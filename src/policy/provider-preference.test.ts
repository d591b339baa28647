import { expect, test } from 'vitest';
import { preferenceOf, unwantedBy, type ProviderPreference } from './provider-preference.ts';
import { sampleCandidate, sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import type { Candidate } from '../fleet/candidate.ts';

const price = { inputUsdPerMtok: 2, cachedInputUsdPerMtok: 1, outputUsdPerMtok: 8 };
const any: ProviderPreference = { only: [], order: [], ignore: [] };
const h100 = sampleCandidate({
  endpoint: sampleEndpoint({ id: 'a', silicon: { vendor: 'nvidia', chip: 'H100 SXM', evidence: 'declared' } }),
  deployment: sampleDeployment('a', { quantization: 'fp8', price }),
});
const unknown = sampleCandidate({
  endpoint: sampleEndpoint({ id: 'b', silicon: { vendor: 'unknown', chip: 'unknown', evidence: 'unknown' } }),
  deployment: sampleDeployment('b'),
});

const cases: [string, Partial<ProviderPreference>, Candidate, string | undefined][] = [
  ['nothing said', {}, unknown, undefined],
  ['only, by vendor', { only: ['nvidia'] }, h100, undefined],
  ['only, of another', { only: ['amd'] }, h100, 'only'],
  ['ignore, by id', { ignore: ['a'] }, h100, 'ignore'],
  ['an order alone', { order: ['b'] }, h100, undefined],
  ['an order without fallbacks', { order: ['b'], allowFallbacks: false }, h100, 'order'],
  ['no fallbacks without an order', { allowFallbacks: false }, h100, undefined],
  ['a chip in another case', { silicon: { ...any, only: ['h100 sxm'] } }, h100, undefined],
  ['silicon that nobody knows', { silicon: { ...any, only: ['unknown'] } }, unknown, 'silicon.only'],
  ['silicon to leave out', { silicon: { ...any, ignore: ['NVIDIA'] } }, h100, 'silicon.ignore'],
  ['silicon to leave out that nobody knows', { silicon: { ...any, ignore: ['nvidia'] } }, unknown, undefined],
  ['a quantization', { quantizations: ['fp8', 'int4'] }, h100, undefined],
  ['a quantization that nobody declared', { quantizations: ['fp8'] }, unknown, 'quantizations'],
  ['a price at its bound', { maxPrice: { inputUsdPerMtok: 2, outputUsdPerMtok: 8 } }, h100, undefined],
  ['a price over its bound', { maxPrice: { inputUsdPerMtok: undefined, outputUsdPerMtok: 7.99 } }, h100, 'max_price'],
  ['a price that nobody knows', { maxPrice: { inputUsdPerMtok: 100, outputUsdPerMtok: undefined } }, unknown, 'max_price'],
  ['no bound of any kind', { maxPrice: { inputUsdPerMtok: undefined, outputUsdPerMtok: undefined } }, unknown, undefined],
];

test.each(cases)('%s', (_name, provider, candidate, leftOut) => {
  expect(unwantedBy(candidate, { ...any, ...provider }, undefined)).toBe(leftOut);
});

test('a price that stands in the price book counts like one of the deployment', () => {
  const provider = { ...any, maxPrice: { inputUsdPerMtok: 5, outputUsdPerMtok: undefined } };
  expect(unwantedBy(unknown, provider, () => price)).toBeUndefined();
});

test('`order` goes before `silicon.order`, and whoever is not named comes last', () => {
  const provider = { ...any, order: ['b'], silicon: { ...any, order: ['groq', 'nvidia'] } };
  const [named, chip, neither] = [unknown.endpoint, h100.endpoint, sampleEndpoint({ id: 'c' })].map((endpoint) => preferenceOf(endpoint, provider));
  expect(named).toBeLessThan(chip ?? 0);
  expect(chip).toBeLessThan(neither ?? 0);
});
