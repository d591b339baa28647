import { expect, test } from 'vitest';
import { bodyRoutes } from './every-route.ts';
import { gatewayOver, scripted } from '../support/started.ts';
import { isRecord } from '../../src/std/is-record.ts';
import { jsonResponse, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { onTestFinished } from 'vitest';
import { postRaw } from '../support/read-answer.ts';
import type { TestGateway } from '../support/test-gateway.ts';

const answer =
  '{"id":"c","object":"chat.completion","created":7,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}';
const nest = (levels: number): unknown => (levels === 0 ? 1 : { a: nest(levels - 1) });
const tool = (parameters: unknown, name = 'f'): unknown => ({ type: 'function', function: { name, parameters } });
const format = (schema: unknown): unknown => ({ type: 'json_schema', json_schema: { name: 's', schema } });

/** Fields that each have taken an engine down somewhere, or made it run what a client wrote. */
const killers: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['more answers than memory holds', { n: 1e9 }],
  ['nine answers', { n: 9 }],
  ['a search among many answers', { best_of: 1000 }],
  ['beams', { use_beam_search: true }],
  ['more logprobs than exist', { logprobs: true, top_logprobs: 1e6 }],
  ['logprobs as a count beyond the published', { logprobs: 21 }],
  ['a negative count of logprobs', { top_logprobs: -1 }],
  ['logprobs of every token of the prompt', { prompt_logprobs: 1000 }],
  ['an answer without end', { max_tokens: 1e12 }],
  ['an answer without end by its newer name', { max_completion_tokens: 1e12 }],
  ['an answer without end by another name', { n_predict: -1 }],
  ['fractions of tokens', { max_tokens: 1.5 }],
  ['five stop sequences', { stop: ['a', 'b', 'c', 'd', 'e'] }],
  ['a long stop sequence', { stop: ['x'.repeat(257)] }],
  ['a stop pattern', { stop_regex: '(a+)+$' }],
  ['129 tools', { tools: Array.from({ length: 129 }, (_, index) => tool({}, `f${index}`)) }],
  ['a deep schema of a tool', { tools: [tool(nest(17))] }],
  ['a large schema of a tool', { tools: [tool({ description: 'x'.repeat(70_000) })] }],
  ['a deep schema of the answer', { response_format: format(nest(17)) }],
  ['a large schema of the answer', { response_format: format({ description: 'x'.repeat(70_000) }) }],
  ['a guided schema that is deep', { guided_json: nest(17) }],
  ['a guided pattern', { guided_regex: '(a|a)*b' }],
  ['a pattern in structured outputs', { structured_outputs: { regex: '(a|a)*b' } }],
  ['a grammar in structured outputs', { structured_outputs: { grammar: 'root ::= root' } }],
  ['a guided grammar', { guided_grammar: 'root ::= root' }],
  ['a grammar', { grammar: 'root ::= root' }],
  ['a structural tag', { response_format: { type: 'structural_tag', structures: [] } }],
  ['a pattern of SGLang’s', { regex: '(a|a)*b' }],
  ['a grammar of SGLang’s', { ebnf: 'root ::= root' }],
  ['a chat template', { chat_template: "{{ ''.__class__ }}" }],
  ['a chat template among its switches', { chat_template_kwargs: { chat_template: '{{ 1 }}' } }],
  ['a switch of the template that is no switch', { chat_template_kwargs: { tools: [] } }],
  ['a tokenizer’s option among the switches', { chat_template_kwargs: { tokenize: false } }],
  ['a salt that another tenant has', { cache_salt: 'x' }],
  ['a salt that is no text', { cache_salt: 7 }],
  ['hooks', { logits_processors: ['os.system'] }],
  ['a pickled hook', { custom_logit_processor: 'gASV' }],
  ['embeddings in the place of a prompt', { prompt_embeds: 'gASV' }],
  ['options of the media loader', { mm_processor_kwargs: { a: 1 } }],
  ['another’s cache', { kv_transfer_params: { remote_host: 'x' } }],
  ['another’s slot', { id_slot: 1 }],
  ['another’s request', { request_id: 'x' }],
  ['a place in the queue', { priority: -1 }],
  ['a rank of the cluster', { data_parallel_rank: 1e9 }],
  ['a million biases', { logit_bias: Object.fromEntries(Array.from({ length: 1025 }, (_, id) => [id, 1])) }],
  ['a bias beyond all bounds', { logit_bias: { 1: 1e308 } }],
  ['a temperature below zero', { temperature: -1 }],
  ['a temperature of text', { temperature: 'hot' }],
  ['a negative `top_k`', { top_k: -5 }],
  ['`min_p` above one', { min_p: 2 }],
  ['more allowed tokens than a list should have', { allowed_token_ids: Array.from({ length: 1025 }, () => 1) }],
  ['a token below zero', { stop_token_ids: [-1] }],
  ['a cut of the prompt below zero', { truncate_prompt_tokens: -2 }],
];

/** An engine that is gone for good once it sees any of them. */
async function mortalEngine(): Promise<{ readonly gate: TestGateway; readonly deaths: () => readonly string[] }> {
  const deaths: string[] = [];
  const mortal = new Set(killers.flatMap(([, fields]) => Object.keys(fields)));
  const upstream = await startScriptedUpstream(({ body }) => {
    const seen: unknown = JSON.parse(body);
    const fatal = isRecord(seen) ? Object.keys(seen).filter((name) => mortal.has(name)) : [];
    if (fatal.length > 0 || deaths.length > 0) {
      deaths.push(fatal.join());
      return { pieces: [], end: 'rst' };
    }
    return { pieces: [jsonResponse(200, answer)], end: 'keep' };
  });
  onTestFinished(upstream.stop);
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, passUnknownFields: true, extensions: [...mortal] }]);
  return { gate, deaths: () => deaths };
}

const passing = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings'];

test.each(killers)('S17: %s never reaches an engine, which would die of it', async (_what, fields) => {
  const { gate, deaths } = await mortalEngine();
  for (const { path, body } of bodyRoutes.filter((route) => passing.includes(route.path))) {
    const { status, text } = await postRaw(`${gate.url}${path}`, JSON.stringify({ ...body, ...fields }));
    expect([path, deaths()]).toEqual([path, []]);
    expect([path, status]).toEqual([path, 400]);
    expect(JSON.parse(text).error.param).toBeTypeOf('string');
  }
  // It still lives.
  expect((await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify(bodyRoutes[0]?.body))).status).toBe(200);
});

test('S17: what the published API allows is let through, up to its bounds', async () => {
  const upstream = await scripted({ pieces: [jsonResponse(200, answer)], end: 'keep' });
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, extensions: ['chat_template_kwargs', 'guided_json'] }]);
  const allowed: readonly Readonly<Record<string, unknown>>[] = [
    { n: 8 },
    { logprobs: true, top_logprobs: 20 },
    { max_tokens: 1_000_000 },
    { stop: ['a', 'b', 'c', 'x'.repeat(256)] },
    { tools: Array.from({ length: 128 }, (_, index) => tool({}, `f${index}`)) },
    { response_format: format(nest(16)) },
    { guided_json: nest(16) },
    { chat_template_kwargs: { enable_thinking: false } },
  ];
  for (const fields of allowed)
    expect([fields, (await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ ...bodyRoutes[0]?.body, ...fields }))).status]).toEqual([
      fields,
      200,
    ]);
});
