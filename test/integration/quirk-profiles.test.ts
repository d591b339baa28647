import { expect, test } from 'vitest';
import { dialectCase, dialectScript } from '../support/dialect-fixture.ts';
import { gatewayOver, scripted } from '../support/started.ts';
import { postRaw, viewStream, type RawAnswer } from '../support/read-answer.ts';
import { profileNamed } from '../../src/protocol/profiles/profile-named.ts';
import { jsonResponse, type SeenRequest } from '../support/scripted-upstream.ts';

const asked = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];

/** One request through the gateway to an endpoint of the profile that answers with a fixture. */
async function through(
  profile: string,
  name: string,
  body: object,
  apiVersion?: string,
): Promise<{ answer: RawAnswer; seen: readonly SeenRequest[] }> {
  const upstream = await scripted(dialectScript(dialectCase(profile, name)));
  const { extensions, dialect } = profileNamed(profile);
  const endpoint = {
    id: 'one',
    origin: upstream.origin,
    key: 'k1',
    profile,
    dialect,
    extensions,
    ...(apiVersion === undefined ? {} : { apiVersion }),
  };
  const gate = await gatewayOver([endpoint]);
  const answer = await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ ...asked, ...body }));
  return { answer, seen: upstream.seen };
}

const streamed = { stream: true, stream_options: { include_usage: true } };

function chunksOf(text: string): { delta: Record<string, unknown>; finish: string | null }[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('data: {'))
    .flatMap((block) => JSON.parse(block.slice(6)).choices)
    .map((choice) => ({ delta: choice.delta, finish: choice.finish_reason }));
}

test.each([
  ['groq', 'text-stream', 'Four words.', 'stop', 4],
  ['mistral', 'length-stream', 'Four words.', 'length', 4],
  ['together', 'text-stream', 'Four words.', 'stop', 4],
  ['azure', 'text-stream', 'Four words.', 'stop', 4],
  ['deepseek', 'reasoning-stream', 'Four words.', 'stop', 4],
  ['gemini-openai', 'text-stream', 'Four words.', 'stop', 4],
] as const)('%s: %s says its text, a published reason and its usage', async (profile, name, text, reason, tokens) => {
  const { answer } = await through(profile, name, streamed);
  expect(viewStream(answer.text)).toMatchObject({ text, finishReasons: [reason], done: true, usage: { completion_tokens: tokens } });
});

test('an endpoint that ignores `include_usage` has its tokens estimated and marked', async () => {
  const { answer } = await through('tgi', 'text-stream', streamed);
  expect(viewStream(answer.text)).toMatchObject({ text: 'Four words.', finishReasons: ['stop'], done: true });
});

test.each([
  ['gemini-openai', 'tool-stream', [{ index: 0, id: 'c1', city: 'Paris' }]],
  [
    'gemini-openai',
    'parallel-tools-stream',
    [
      { index: 0, id: 'c1', city: 'Paris' },
      { index: 1, id: 'c2', city: 'Rome' },
    ],
  ],
  [
    'ollama',
    'tool-stream',
    [
      { index: 0, id: 'c1', city: 'Paris' },
      { index: 1, id: 'c2', city: 'Rome' },
    ],
  ],
  ['ollama', 'tool-without-index', [{ index: 0, id: 'c1', city: 'Paris' }]],
  ['tgi', 'tool-stream', [{ index: 0, id: 'c1', city: 'Paris' }]],
] as const)('%s: %s gives each call a place of its own and ends with tool_calls', async (profile, name, calls) => {
  const { answer } = await through(profile, name, { stream: true, tools });
  const chunks = chunksOf(answer.text);
  const said = chunks.flatMap(({ delta }) => (Array.isArray(delta['tool_calls']) ? delta['tool_calls'] : []));
  expect(said.map(({ index, id, function: made }) => ({ index, id, city: JSON.parse(made.arguments).city }))).toEqual(calls);
  expect(chunks.findLast(({ finish }) => finish !== null)?.finish).toBe('tool_calls');
});

test.each(['named-tool-stream', 'named-tool-whole'])('vLLM: %s ends with tool_calls, though the engine says stop', async (name) => {
  const choice = { type: 'function', function: { name: 'weather' } };
  const { answer } = await through('vllm', name, { tools, tool_choice: choice, stream: name.endsWith('stream') });
  const chunks = name.endsWith('stream') ? chunksOf(answer.text) : [{ delta: {}, finish: JSON.parse(answer.text).choices[0].finish_reason }];
  expect(chunks.flatMap(({ finish }) => finish ?? [])).toEqual(['tool_calls']);
});

test.each(['thinking-stream', 'thinking-whole'])('Mistral: %s has its thinking as reasoning and its text as content', async (name) => {
  const { answer } = await through('mistral', name, name.endsWith('stream') ? { stream: true } : {});
  const said = name.endsWith('stream') ? chunksOf(answer.text).map(({ delta }) => delta) : [JSON.parse(answer.text).choices[0].message];
  expect(said.map(({ content }) => content ?? '').join('')).toBe('Four words.');
  expect(said.map(({ reasoning_content: thought }) => thought ?? '').join('')).toBe('Hmm.');
});

test.each([
  ['mistral', 'failed-stream'],
  ['deepseek', 'no-resource-stream'],
])('%s: %s is a failure and no end', async (profile, name) => {
  const { answer } = await through(profile, name, { stream: true });
  expect(viewStream(answer.text)).toMatchObject({ done: false, errorCode: 'upstream_stream_error' });
  expect(answer.ended).toBe('cut');
});

test('empty lines before a whole answer are no part of it', async () => {
  const { answer } = await through('deepseek', 'empty-lines-whole', {});
  expect(JSON.parse(answer.text).choices[0].message.content).toBe('Four words.');
});

test.each([
  ['groq', 'rate-limited', 429, 'rate_limit_exceeded'],
  ['groq', 'flex-capacity', 503, 'overloaded'],
  ['gemini-openai', 'error-list', 429, 'rate_limit_exceeded'],
  ['cerebras', 'rate-limited', 429, 'rate_limit_exceeded'],
  ['azure', 'filtered', 400, 'content_policy_violation'],
  ['tgi', 'refused', 400, 'invalid_request'],
  ['mistral', 'refused-member', 400, 'invalid_request'],
] as const)('%s: %s is told as %i %s', async (profile, name, status, code) => {
  const { answer } = await through(profile, name, {});
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text).error.code).toBe(code);
});

test.each([
  ['groq', { logprobs: true }, 'logprobs'],
  ['groq', { logit_bias: { '5': 1 } }, 'logit_bias'],
  ['groq', { n: 2 }, 'n'],
  ['groq', { messages: [{ role: 'user', content: 'x', name: 'ann' }] }, 'messages[].name'],
  ['cerebras', { frequency_penalty: 0.5 }, 'frequency_penalty'],
  ['cerebras', { presence_penalty: 1 }, 'presence_penalty'],
  ['cerebras', { parallel_tool_calls: false }, 'parallel_tool_calls'],
  ['deepseek', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {} } } }, 'response_format.type'],
  ['ollama', { tools, tool_choice: 'required' }, 'tool_choice'],
  [
    'ollama',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'HTTPS://x.example/a.png' } }] }] },
    'messages[].content[].image_url.url',
  ],
] as const)('%s never sees %j, and the client is told which field', async (profile, body, param) => {
  const fixture = { groq: 'text-stream', cerebras: 'rate-limited', deepseek: 'empty-lines-whole', ollama: 'tool-stream' }[profile];
  const { answer, seen } = await through(profile, fixture, body);
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text).error).toMatchObject({ code: 'unsupported_value', param });
  expect(seen).toHaveLength(0);
});

test('who takes the field gets the request in the place of who refuses it', async () => {
  const refusing = await scripted(dialectScript(dialectCase('groq', 'text-stream')));
  const taking = await scripted(dialectScript(dialectCase('together', 'text-whole')));
  const gate = await gatewayOver([
    { id: 'groq', origin: refusing.origin, profile: 'groq' },
    { id: 'other', origin: taking.origin },
  ]);
  for (let count = 0; count < 3; count += 1) await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ ...asked, logprobs: true }));
  expect([refusing.seen.length, taking.seen.length > 0]).toEqual([0, true]);
});

function bodyOf(seen: readonly SeenRequest[]): Record<string, unknown> {
  return JSON.parse(seen[0]?.body ?? '{}');
}

test('what asks for nothing is taken out for who refuses it by mere presence', async () => {
  const { answer, seen } = await through('groq', 'text-stream', { ...streamed, logprobs: false, n: 1, logit_bias: {}, top_logprobs: null });
  expect(answer.status).toBe(200);
  expect(Object.keys(bodyOf(seen)).toSorted()).toEqual(['messages', 'model', 'stream', 'stream_options']);
});

test('members go by the names that an endpoint has for them, with their bytes as they came', async () => {
  const { seen } = await through('mistral', 'thinking-whole', { seed: 18_446_744, max_completion_tokens: 9, service_tier: 'auto' });
  expect(bodyOf(seen)).toEqual({ ...asked, model: 'up', random_seed: 18_446_744, max_tokens: 9 });
  const newer = await through('azure', 'text-stream', { ...streamed, max_tokens: 9 });
  expect(bodyOf(newer.seen)).toMatchObject({ max_completion_tokens: 9 });
  expect(bodyOf(newer.seen)).not.toHaveProperty('max_tokens');
});

test('usage is not asked for where it comes unasked and asking is refused', async () => {
  const { seen } = await through('mistral', 'thinking-stream', streamed);
  expect(bodyOf(seen)).not.toHaveProperty('stream_options');
});

test('OpenAI’s newer role goes by the older name where that alone is known', async () => {
  const messages = [
    { role: 'developer', content: 'the word "developer" stays' },
    { role: 'user', content: 'x' },
  ];
  const { seen } = await through('mistral', 'thinking-whole', { messages });
  expect(bodyOf(seen)['messages']).toEqual([{ role: 'system', content: 'the word "developer" stays' }, messages[1]]);
});

test('raw completions keep the only name that their limit has', async () => {
  const upstream = await scripted({ pieces: [jsonResponse(200, '{"choices":[{"index":0,"text":"x","finish_reason":"stop"}]}')], end: 'keep' });
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, profile: 'openai' }]);
  await postRaw(`${gate.url}/v1/completions`, '{"model":"m","prompt":"x","max_tokens":5}');
  expect(bodyOf(upstream.seen)).toMatchObject({ max_tokens: 5 });
});

test('hints of other dialects do not reach who would refuse them, and nothing else is changed', async () => {
  const hint = { cache_control: { type: 'ephemeral' } };
  const call = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } };
  const messages = [
    { role: 'user', content: [{ type: 'text', text: 'the word "cache_control" stays', ...hint }] },
    { role: 'assistant', content: 'x', reasoning_content: 'y', reasoning_signature: 'z', tool_calls: [{ ...call, ...hint }] },
    { role: 'tool', tool_call_id: 'c1', content: 'warm', ...hint },
  ];
  const { seen } = await through('groq', 'text-stream', { ...streamed, messages, tools: tools.map((tool) => ({ ...tool, ...hint })) });
  expect(bodyOf(seen)).toMatchObject({ tools });
  expect(bodyOf(seen)['messages']).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'the word "cache_control" stays' }] },
    { role: 'assistant', content: 'x', tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c1', content: 'warm' },
  ]);
});

test('an endpoint gets such a hint only where it or its profile declares it', async () => {
  const messages = [
    { role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] },
    { role: 'assistant', content: 'y', reasoning_content: 'kept', reasoning_signature: 's' },
  ];
  const upstream = await scripted(dialectScript(dialectCase('together', 'text-whole')));
  for (const extensions of [[], ['cache_control', 'reasoning_signature']]) {
    const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, extensions }]);
    await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ ...asked, messages }));
  }
  expect(JSON.parse(upstream.seen[0]?.body ?? '').messages).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'x' }] },
    { role: 'assistant', content: 'y', reasoning_content: 'kept' },
  ]);
  expect(JSON.parse(upstream.seen[1]?.body ?? '').messages).toEqual(messages);
});

test('Azure gets its key in its own header, and its dated API the deployment in the path', async () => {
  const dated = await through('azure', 'text-stream', streamed, '2024-10-21');
  expect(dated.seen[0]?.path).toBe('/openai/deployments/up/chat/completions?api-version=2024-10-21');
  expect(dated.seen[0]?.headers).toMatch(/^api-key: k1$/m);
  expect(dated.seen[0]?.headers).not.toMatch(/authorization/i);
  expect((await through('azure', 'text-stream', streamed)).seen[0]?.path).toBe('/v1/chat/completions');
});
