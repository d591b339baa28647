import { expect, test } from 'vitest';
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
  const facts = { tokenIds: true, weights: 'w', engineBuild: 'b', contextTokens: 1024, ...changes };
  return {
    endpoint: {
      id: 'e',
      address: { kind: 'url', origin: 'http://127.0.0.1:1', basePath: '/v1' },
      dialect: 'openai',
      silicon: { vendor: 'amd', chip: 'c', evidence: 'declared' },
      processor: 'p',
      region: undefined,
      failureDomains: [],
      key: undefined,
      tokenIds: facts.tokenIds,
      extensions: [],
      passUnknownFields: false,
      allowPrivate: true,
    },
    deployment: {
      id: 'd',
      model: 'm',
      endpointId: 'e',
      upstreamModel: 'm',
      weights: facts.weights,
      engineBuild: facts.engineBuild,
      contextTokens: facts.contextTokens,
      price: undefined,
    },
  };
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
