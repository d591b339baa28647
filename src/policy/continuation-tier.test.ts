import { expect, test } from 'vitest';
import { sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { continuationTier, type ReleasedAnswer } from './continuation-tier.ts';

const answer: ReleasedAnswer = {
  choices: 1,
  hasTools: false,
  responseFormat: 'text',
  logprobs: false,
  framed: false,
  uncarriedField: undefined,
  beyondText: false,
  idsComplete: true,
  determined: true,
  continuationsUsed: 0,
  continuationsAllowed: 2,
};

function place(
  changes: { tokenIds?: boolean; weights?: string | undefined; engineBuild?: string | undefined; contextTokens?: number | undefined } = {},
): Parameters<typeof continuationTier>[1] {
  const { tokenIds, ...known } = { tokenIds: true, weights: 'w', engineBuild: 'b', contextTokens: 1024, ...changes };
  return { endpoint: sampleEndpoint({ tokenIds }), deployment: sampleDeployment('endpoint', known) };
}

test('the same weights and engine build, both speaking token ids, continue plain text', () => {
  expect(continuationTier(answer, place(), place())).toEqual({ tier: 'token-ids' });
});

test.each<[string, Partial<ReleasedAnswer>]>([
  ['several choices', { choices: 2 }],
  ['tools on offer', { hasTools: true }],
  ['a JSON grammar', { responseFormat: 'json_object' }],
  ['a JSON schema', { responseFormat: 'json_schema' }],
  ['log-probabilities', { logprobs: true }],
  ['an echoed prompt', { framed: true }],
  ['a field that is not carried along', { uncarriedField: 'mirostat' }],
  ['a released tool call or reasoning', { beyondText: true }],
  ['unknown ids', { idsComplete: false }],
  ['sampling without a seed', { determined: false }],
  ['as many continuations as allowed', { continuationsUsed: 2 }],
])('%s is never continued', (_name, changes) => {
  expect(continuationTier({ ...answer, ...changes }, place(), place()).tier).toBe('none');
});

test.each<[string, Parameters<typeof place>[0]]>([
  ['other weights', { weights: 'other' }],
  ['unknown weights', { weights: undefined }],
  ['another engine build', { engineBuild: 'other' }],
  ['an unknown build', { engineBuild: undefined }],
  ['an unknown context', { contextTokens: undefined }],
  ['no token ids', { tokenIds: false }],
])('%s at the other endpoint allow no continuation', (_name, changes) => {
  expect(continuationTier(answer, place(), place(changes)).tier).toBe('none');
});

test('unknown weights on both sides are not the same weights', () => {
  expect(continuationTier(answer, place({ weights: undefined }), place({ weights: undefined })).tier).toBe('none');
});
