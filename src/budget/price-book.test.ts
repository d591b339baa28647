import { expect, test } from 'vitest';
import { PriceBook, type PriceEntry } from './price-book.ts';
import { sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import type { Price } from '../fleet/deployment.ts';

const at = (usd: number): Price => ({ inputUsdPerMtok: usd, cachedInputUsdPerMtok: usd, outputUsdPerMtok: usd });
const entry = (usd: number, more: Partial<PriceEntry> = {}): PriceEntry => ({
  model: 'up',
  endpoint: undefined,
  processor: undefined,
  price: at(usd),
  ...more,
});
const endpoint = sampleEndpoint({ id: 'a', processor: 'acme' });
const deployment = sampleDeployment('a', { upstreamModel: 'up', price: undefined });

test('the nearest entry holds: the deployment’s own price, then its endpoint’s, its processor’s, and that of the model anywhere', () => {
  const entries = [entry(1), entry(2, { processor: 'acme' }), entry(3, { endpoint: 'a' })];
  const priceWith = (count: number): number | undefined =>
    new PriceBook(entries.slice(0, count), undefined).of({ endpoint, deployment })?.inputUsdPerMtok;
  expect([0, 1, 2, 3].map(priceWith)).toEqual([undefined, 1, 2, 3]);
  expect(new PriceBook(entries, undefined).of({ endpoint, deployment: { ...deployment, price: at(9) } })).toEqual(at(9));
  expect(new PriceBook(entries, undefined).of({ endpoint, deployment: { ...deployment, upstreamModel: 'other' } })).toBeUndefined();
});

test('a new table holds from the next look on, also where it knows less', () => {
  const book = new PriceBook([entry(1)], undefined);
  expect(book.of({ endpoint, deployment })).toEqual(at(1));
  book.replace([entry(2)], undefined);
  expect(book.of({ endpoint, deployment })).toEqual(at(2));
  book.replace([], undefined);
  expect(book.of({ endpoint, deployment })).toBeUndefined();
});
