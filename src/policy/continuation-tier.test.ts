import { expect, test } from 'vitest';
import { sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { continuationTier, type ContinuationTier, type Place, type ReleasedAnswer } from './continuation-tier.ts';
import type { Deployment } from '../fleet/deployment.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

const answer: ReleasedAnswer = {
  route: 'chat',
  choices: 1,
  hasTools: false,
  hasStops: false,
  responseFormat: 'text',
  logprobs: false,
  framed: false,
  prefilled: false,
  uncarriedField: undefined,
  beyondText: false,
  idsComplete: true,
  endsInHalfCharacter: false,
  determined: true,
  continuationsUsed: 0,
  continuationsAllowed: 2,
  lowest: 'prefill',
};

const declared = { form: 'continue-final-message', repeats: false } as const;

function place(endpoint: Partial<Endpoint> = {}, deployment: Partial<Deployment> = {}): Place {
  return {
    endpoint: sampleEndpoint({ tokenIds: true, prefill: declared, ...endpoint }),
    deployment: sampleDeployment('endpoint', { weights: 'w', engineBuild: 'b', contextTokens: 1024, ...deployment }),
  };
}

function tierOf(changes: Partial<ReleasedAnswer>, from = place(), to = place()): string {
  return nameOf(continuationTier({ ...answer, ...changes }, from, to));
}

function nameOf(tier: ContinuationTier): string {
  return tier.tier === 'token-ids' && tier.exact ? 'exact' : tier.tier;
}

test('the same weights and engine build, both speaking token ids, continue plain text exactly', () => {
  expect(tierOf({})).toBe('exact');
});

test.each<[string, Partial<ReleasedAnswer>]>([
  ['several choices', { choices: 2 }],
  ['a JSON object', { responseFormat: 'json_object' }],
  ['a JSON schema', { responseFormat: 'json_schema' }],
  ['log-probabilities', { logprobs: true }],
  ['an echoed prompt', { framed: true }],
  ['a released tool call or reasoning', { beyondText: true }],
  ['as many continuations as allowed', { continuationsUsed: 2 }],
  ['a wish for none', { lowest: 'none' }],
])('%s is never continued', (_name, changes) => {
  expect(tierOf(changes)).toBe('none');
});

test.each<[string, Partial<ReleasedAnswer>]>([
  ['tools on offer', { hasTools: true }],
  ['a field that a raw completion does not carry', { uncarriedField: 'mirostat' }],
  ['unknown ids', { idsComplete: false }],
])('%s go on from the text only, and not at all where ids are wanted', (_name, changes) => {
  expect(tierOf(changes)).toBe('prefill');
  expect(tierOf({ ...changes, lowest: 'token-ids' })).toBe('none');
  expect(tierOf({ ...changes, lowest: 'exact' })).toBe('none');
});

test.each<[string, Partial<ReleasedAnswer>, Place]>([
  ['sampling without a seed', { determined: false }, place()],
  ['another engine build', {}, place({}, { engineBuild: 'other' })],
  ['an unknown build', {}, place({}, { engineBuild: undefined })],
])('%s goes on from the ids, and is not called exact', (_name, changes, to) => {
  expect(tierOf(changes, place(), to)).toBe('token-ids');
  expect(tierOf({ ...changes, lowest: 'exact' }, place(), to)).toBe('none');
});

test.each<[string, Place]>([
  ['other weights', place({}, { weights: 'other' })],
  ['unknown weights', place({}, { weights: undefined })],
  ['neither ids nor a declared prefill', place({ tokenIds: false, prefill: undefined })],
])('%s at the other endpoint allow no continuation', (_name, to) => {
  expect(tierOf({}, place(), to)).toBe('none');
});

test('an unknown context at the other endpoint, or no ids there, leaves the text', () => {
  expect(tierOf({}, place(), place({}, { contextTokens: undefined }))).toBe('prefill');
  expect(tierOf({}, place(), place({ tokenIds: false }))).toBe('prefill');
});

test('unknown weights on both sides are not the same weights', () => {
  expect(tierOf({}, place({}, { weights: undefined }), place({}, { weights: undefined }))).toBe('none');
});

test('where text is held back for a stop string, ids that run ahead of it are not gone on from', () => {
  expect(tierOf({ hasStops: true }, place({ idsLeadText: true }))).toBe('prefill');
  expect(tierOf({ hasStops: true }, place({ idsLeadText: false }))).toBe('exact');
});

test.each<[string, Partial<ReleasedAnswer>]>([
  ['a raw completion', { route: 'completions' }],
  ['a request that ends with the assistant’s own text', { prefilled: true }],
  ['a text that ends within a character', { endsInHalfCharacter: true }],
])('%s is not continued from its text', (_name, changes) => {
  expect(tierOf({ idsComplete: false, ...changes })).toBe('none');
});
