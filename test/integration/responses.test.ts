import OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import { countedTokens, startCountingEngine } from '../support/counting-engine.ts';
import { gatewayOver, scripted } from '../support/started.ts';
import { jsonResponse, type Script, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { numberedText } from '../support/numbered-answer.ts';
import { postRaw } from '../support/read-answer.ts';

const question: OpenAI.Responses.ResponseCreateParamsNonStreaming = { model: 'm', input: 'count' };

function client(url: string, apiKey = 'a-key'): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

async function counting(...asked: Parameters<typeof startCountingEngine>): Promise<ScriptedUpstream> {
  const engine = await startCountingEngine(...asked);
  onTestFinished(engine.stop);
  return engine;
}

/** An endpoint that answers in one piece. */
function saying(message: object, more: object = {}): Script {
  const body = { id: 'x', object: 'chat.completion', created: 1, model: 'up', choices: [{ index: 0, message, finish_reason: 'stop', ...more }] };
  return {
    pieces: [jsonResponse(200, JSON.stringify({ ...body, usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }))],
    end: 'keep',
  };
}

test('an answer that loses its endpoint in the middle is one response, with its events in the published order', async () => {
  const engines = [await counting({ tokens: 5, how: 'rst' }), await counting()];
  const gate = await gatewayOver(engines.map(({ origin }, index) => ({ id: `e${index}`, origin, tokenIds: true })));
  const { text } = await postRaw(`${gate.url}/v1/responses`, JSON.stringify({ ...question, stream: true, temperature: 0 }));
  const data = text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => JSON.parse(/^event: [\w.]+\ndata: (.*)$/.exec(frame)?.[1] ?? 'null'));
  expect(data.map(({ type }) => type)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    ...Array.from({ length: countedTokens }, () => 'response.output_text.delta'),
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(data.map(({ sequence_number: place }) => place)).toEqual(data.map((_, index) => index));
  expect(data.at(-1).response).toMatchObject({
    status: 'completed',
    output: [{ type: 'message', content: [{ type: 'output_text', text: numberedText(1, countedTokens) }] }],
    usage: { input_tokens: 3, output_tokens: countedTokens, total_tokens: 3 + countedTokens },
    second_source: { segments: [{ endpoint: 'e0' }, { endpoint: 'e1', continued_by: 'exact' }] },
  });
  expect(gate.charges).toMatchObject([{ route: 'responses', outcome: 'ok', attempts: 2 }]);
});

test('the SDK puts the stream together, and throws where nobody may continue it', async () => {
  const whole = await gatewayOver([{ id: 'e0', origin: (await counting()).origin }]);
  const final = await client(whole.url).responses.stream({ model: 'm', input: 'count' }).finalResponse();
  expect([final.output_text, final.status]).toEqual([numberedText(1, countedTokens), 'completed']);
  const cut = await gatewayOver([{ id: 'e0', origin: (await counting({ tokens: 5, how: 'rst' })).origin, tokenIds: true }]);
  const types: string[] = [];
  const reading = (async () => {
    for await (const event of await client(cut.url).responses.create({ ...question, stream: true })) types.push(event.type);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'upstream_stream_error' });
  expect(types.at(-1)).toBe('response.failed');
  expect(types).not.toContain('response.completed');
});

test('reasoning, text and calls are items of their own, and go back as they came', async () => {
  const calls = [
    { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
    { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
  ];
  const message = { role: 'assistant', reasoning_content: 'hm', reasoning_signature: 's', content: 'I ask.', tool_calls: calls };
  const upstream = await scripted((index) =>
    index === 0 ? saying(message, { finish_reason: 'tool_calls' }) : saying({ role: 'assistant', content: 'ok' }),
  );
  const gate = await gatewayOver([{ id: 'e0', origin: upstream.origin, extensions: ['reasoning_signature'] }]);
  const asked: OpenAI.Responses.ResponseCreateParamsNonStreaming = {
    ...question,
    instructions: 'be brief',
    include: ['reasoning.encrypted_content'],
    tools: ['f', 'g'].map((name) => ({ type: 'function', name, parameters: { type: 'object', properties: {} }, strict: null })),
  };
  const first = await client(gate.url).responses.create(asked);
  expect(first.output).toMatchObject([
    { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'hm' }], encrypted_content: 's' },
    { type: 'message', content: [{ type: 'output_text', text: 'I ask.' }] },
    { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":1}' },
    { type: 'function_call', call_id: 'b', name: 'g', arguments: '{}' },
  ]);
  const output = { type: 'function_call_output', call_id: 'a', output: 'rain' } as const;
  await client(gate.url).responses.create({ ...asked, input: [{ role: 'user', content: 'count' }, ...inputOf(first), output] });
  expect(JSON.parse(upstream.seen[1]?.body ?? '{}').messages).toEqual([
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'count' },
    message,
    { role: 'tool', tool_call_id: 'a', content: 'rain' },
  ]);
});

/** What a client of the API does with an answer: it sends the items back. */
function inputOf(response: OpenAI.Responses.Response): OpenAI.Responses.ResponseInputItem[] {
  return response.output.filter((item) => item.type === 'message' || item.type === 'function_call' || item.type === 'reasoning');
}

test('a kept conversation goes on by its id, for its own tenant only, until it is deleted', async () => {
  const upstream = await scripted((index) => saying({ role: 'assistant', content: `answer ${index}` }));
  const gate = await gatewayOver([{ id: 'e0', origin: upstream.origin }], { storedResponses: {} });
  const { responses } = client(gate.url);
  const first = await responses.create({ ...question, input: 'one', instructions: 'only once' });
  const second = await responses.create({ ...question, input: 'two', previous_response_id: first.id });
  expect(JSON.parse(upstream.seen[1]?.body ?? '{}').messages).toEqual([
    { role: 'user', content: 'one' },
    { role: 'assistant', content: 'answer 0' },
    { role: 'user', content: 'two' },
  ]);
  expect(await responses.retrieve(second.id)).toMatchObject({ id: second.id, previous_response_id: first.id, output_text: 'answer 1' });
  const items = await responses.inputItems.list(second.id);
  expect(items.data).toMatchObject([{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'two' }] }]);
  await responses.delete(second.id);
  await expect(responses.retrieve(second.id)).rejects.toMatchObject({ status: 404, code: 'response_not_found' });
  const gone = responses.create({ ...question, previous_response_id: second.id });
  await expect(gone).rejects.toMatchObject({ status: 404, code: 'response_not_found', param: 'previous_response_id' });
  const unkept = await responses.create({ ...question, store: false });
  await expect(responses.retrieve(unkept.id)).rejects.toMatchObject({ status: 404 });
});

const refusals: readonly (readonly [object, string])[] = [
  [{ store: true }, 'store'],
  [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
  [{ background: true }, 'background'],
  [{ conversation: 'c' }, 'conversation'],
  [{ truncation: 'auto' }, 'truncation'],
  [{ tools: [{ type: 'web_search' }] }, 'tools[0].type'],
  [{ input: [{ type: 'item_reference', id: 'x' }] }, 'input[0].type'],
  [{ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'file:///etc/passwd' }] }] }, 'input[0].content[0].image_url'],
  [{ top_logprobs: 99 }, 'top_logprobs'],
  [{ max_output_tokens: 2_000_000 }, 'max_output_tokens'],
];

test.each(refusals)('where nothing is kept, %j is refused by name', async (changed, param) => {
  const gate = await gatewayOver([{ id: 'e0', origin: 'http://127.0.0.1:9' }]);
  const thrown: unknown = await client(gate.url)
    .responses.create({ ...question, ...changed })
    .catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(OpenAI.BadRequestError);
  expect(thrown).toMatchObject({ param });
});

test('nothing runs in the background, so nothing can be cancelled', async () => {
  const gate = await gatewayOver([{ id: 'e0', origin: 'http://127.0.0.1:9' }]);
  await expect(client(gate.url).responses.cancel('resp_1')).rejects.toMatchObject({ status: 400, code: 'invalid_request' });
});

test('an answer cut at the token limit is incomplete, and says why', async () => {
  const upstream = await scripted(saying({ role: 'assistant', content: 'half' }, { finish_reason: 'length' }));
  const gate = await gatewayOver([{ id: 'e0', origin: upstream.origin }]);
  const cut = await client(gate.url).responses.create({ ...question, max_output_tokens: 2 });
  expect(cut).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [{ status: 'incomplete' }] });
  expect(JSON.parse(upstream.seen[0]?.body ?? '{}')).toMatchObject({ max_tokens: 2 });
});
