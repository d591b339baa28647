import { expect, test } from 'vitest';
import { loadConfig } from './load-config.ts';
import type { Config } from './config-schema.ts';

/** What an endpoint of these keys is taken for, or what is wrong with it. */
function resolved(keys: string): Config['endpoints'][number] | readonly string[] {
  const loaded = loadConfig('c.yaml', {}, () => `endpoints:\n  - {id: a, ${keys}}\n`);
  if (!loaded.ok) return loaded.failure.map(({ what }) => what);
  return loaded.value.endpoints[0] ?? [];
}

test.each([
  ['url: "https://api.groq.com/openai"', 'openai', 'groq', '/openai/v1'],
  ['url: "https://api.anthropic.com"', 'anthropic', 'anthropic', '/v1'],
  ['url: "https://api.anthropic.com", dialect: openai', 'openai', 'openai-compatible', '/v1'],
  ['url: "https://generativelanguage.googleapis.com"', 'gemini', 'gemini', '/v1beta'],
  ['url: "https://generativelanguage.googleapis.com/v1beta/openai"', 'openai', 'gemini-openai', '/v1beta/openai'],
  ['url: "https://mine.openai.azure.com"', 'openai', 'azure', '/openai/v1'],
  ['url: "https://bedrock-runtime.us-west-2.amazonaws.com"', 'openai', 'bedrock', '/openai/v1'],
  ['url: "https://bedrock-mantle.us-west-2.api.aws"', 'openai', 'bedrock', '/v1'],
  ['url: "http://10.0.0.7:8000"', 'openai', 'openai-compatible', '/v1'],
  ['url: "http://10.0.0.7:8000", profile: vllm', 'openai', 'vllm', '/v1'],
  ['url: "http://10.0.0.7:8000", dialect: gemini', 'gemini', 'gemini', '/v1beta'],
  ['url: "http://10.0.0.7:8000", profile: anthropic', 'anthropic', 'anthropic', '/v1'],
  ['url: "https://openai.azure.com.evil.example"', 'openai', 'openai-compatible', '/v1'],
])('%s speaks %s with the profile %s below %s', (keys, dialect, profile, basePath) => {
  expect(resolved(keys)).toMatchObject({ dialect, profile, address: { basePath } });
});

test('keys that are given stand before the profile’s', () => {
  expect(resolved('url: "http://10.0.0.7", profile: vllm')).toMatchObject({
    tokenIds: true,
    prefill: { form: 'continue-final-message', repeats: false },
    extensions: expect.arrayContaining(['top_k']),
  });
  expect(resolved('url: "http://10.0.0.7", profile: vllm, tokenIds: false, extensions: [x], prefill: {form: prefix-flag}')).toMatchObject({
    tokenIds: false,
    prefill: { form: 'prefix-flag', repeats: false },
    extensions: ['x'],
  });
});

test('a profile of another dialect is a mistake, and so is one that there is not', () => {
  expect(resolved('url: "http://10.0.0.7", dialect: gemini, profile: groq')).toEqual(['the profile `groq` is one of the dialect `openai`']);
  expect(resolved('url: "http://10.0.0.7", profile: grok')).toHaveLength(1);
});
