import { expect, test } from 'vitest';
import { accepted, hello } from '../testing/judge-chat-body.ts';
import { allProfiles, profileNamed } from './profile-named.ts';
import { knownHosts } from '../../fleet/known-hosts.ts';
import { refusedMember } from './refused-member.ts';
import { RequestView } from './request-view.ts';

function refusedBy(profile: string, body: object): string | undefined {
  const { bytes, scanned } = accepted({ ...hello, ...body });
  return refusedMember(profileNamed(profile), new RequestView(bytes, scanned));
}

test('each profile has a name of its own and says where its facts were read', () => {
  expect(new Set(allProfiles.map(({ name }) => name)).size).toBe(allProfiles.length);
  for (const { origins } of allProfiles) expect(origins.length).toBeGreaterThan(0);
});

test('what is inferred for a known host is a profile that there is', () => {
  for (const { profile } of knownHosts) if (profile !== undefined) expect(profileNamed(profile).name).toBe(profile);
});

test('nothing of a request is refused where nobody said so', () => {
  expect(refusedBy('openai-compatible', { logprobs: true, n: 3, logit_bias: { '1': 1 } })).toBeUndefined();
});

test.each([
  [{ logprobs: false, top_logprobs: 0, n: 1, logit_bias: {}, frequency_penalty: 0, store: false, service_tier: 'auto', modalities: ['text'] }],
  [{ metadata: {}, user: null, prompt_cache_key: 'k', stop: [] }],
])('a translated dialect takes %j, which asks for nothing', (body) => {
  expect(refusedBy('anthropic', body)).toBeUndefined();
  expect(refusedBy('gemini', body)).toBeUndefined();
});

// `transformers serve` 5.19.0 answered the demo model's call, asked for with `tools` alone, on 2026-11-25 as follows:
// {"choices":[{"finish_reason":"stop","index":0,"message":{"content":"<tool_call>\n{\"name\": \"get_weather\", \"arguments\":
// {\"city\": \"Paris\"}}\n</tool_call>","role":"assistant"}}],…}
test('an engine that tells calls as text is not asked for any, whoever chooses', () => {
  const tools = [{ type: 'function', function: { name: 'get_weather' } }];
  expect(refusedBy('transformers-serve', { tools })).toBe('tools');
  expect(refusedBy('transformers-serve', { tools, tool_choice: 'auto' })).toBe('tools');
  expect(refusedBy('transformers-serve', { tools: [] })).toBeUndefined();
});

// `llama-server` (commit 80fb11a) with a template for tools answered the demo model's “What is Second Source?” with text and
// `stop` on 2026-11-25, asked for get_weather by name; recorded without such a template, too (chat-tools-named).
test('an engine that takes a named tool for no choice is not asked for one', () => {
  const tools = [{ type: 'function', function: { name: 'get_weather' } }];
  expect(refusedBy('llama.cpp', { tools, tool_choice: { type: 'function', function: { name: 'get_weather' } } })).toBe('tool_choice');
  expect(refusedBy('llama.cpp', { tools, tool_choice: 'required' })).toBeUndefined();
});

// Recorded (test/fixtures/recorded/transformers-serve.jsonl, chat-stop-stream): with `"stop":["engine"]` the text ends with “engine”.
test('an engine that leaves the stop sequence in the answer is asked for none', () => {
  expect(refusedBy('transformers-serve', { stop: ['END'] })).toBe('stop');
  expect(refusedBy('transformers-serve', { stop: null })).toBeUndefined();
});

test('a member named as every object’s own is judged like any other', () => {
  expect(refusedBy('anthropic', { constructor: 1, toString: 'x' })).toBe('constructor');
  expect(refusedBy('gemini', { hasOwnProperty: [] })).toBeUndefined();
});

test.each([
  ['anthropic', { logprobs: true }, 'logprobs'],
  ['anthropic', { seed: 1 }, 'seed'],
  ['anthropic', { temperature: 1.5 }, 'temperature'],
  ['anthropic', { n: 2 }, 'n'],
  ['anthropic', { response_format: { type: 'json_object' } }, 'response_format.type'],
  ['anthropic', { audio: { voice: 'x' } }, 'audio'],
  ['gemini', { logit_bias: { '1': 1 } }, 'logit_bias'],
  ['gemini', { parallel_tool_calls: false }, 'parallel_tool_calls'],
  [
    'gemini',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x.example/i' } }] }] },
    'messages[].content[].image_url.url',
  ],
  ['gemini', { tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'tools[].type'],
] as const)('%s has no word for %j', (profile, body, path) => {
  expect(refusedBy(profile, body)).toBe(path);
});
