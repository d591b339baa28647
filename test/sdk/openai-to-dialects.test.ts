import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { isRecord } from '../../src/std/is-record.ts';
import { question, translatedGateway, twoCalls, weatherTool } from '../support/dialect-server.ts';

/** What each dialect calls the same, and how it says that it failed. */
const dialects = [
  {
    dialect: 'anthropic',
    keyHeader: 'x-api-key',
    secondResult: '"type":"tool_result","tool_use_id":"c2"',
    mustCall: '"tool_choice":{"type":"any"}',
    signature: 's1',
    errors: [
      [{ fail: 400, body: '{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too large"}}' }, 400, 'invalid_request'],
      [
        { fail: 429, body: '{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}', headers: 'retry-after: 1\r\n' },
        429,
        'rate_limit_exceeded',
      ],
      [{ fail: 401, body: '{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}' }, 502, 'upstream_auth'],
      [{ fail: 529, body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' }, 503, 'overloaded'],
    ],
  },
  {
    dialect: 'gemini',
    keyHeader: 'x-goog-api-key',
    secondResult: '"functionResponse":{"id":"c2"',
    mustCall: '"functionCallingConfig":{"mode":"ANY"}',
    signature: '',
    errors: [
      [{ fail: 400, body: '{"error":{"code":400,"message":"bad value","status":"INVALID_ARGUMENT"}}' }, 400, 'invalid_request'],
      [
        { fail: 429, body: '{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"2s"}]}}' },
        429,
        'rate_limit_exceeded',
      ],
      [{ fail: 400, body: '{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}' }, 502, 'upstream_auth'],
      [{ fail: 503, body: '{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}' }, 503, 'overloaded'],
    ],
  },
] as const;

describe.each(dialects)('over $dialect', ({ dialect, keyHeader, secondResult, mustCall, signature, errors }) => {
  test('chat: the answer, its reason and its usage', async () => {
    const { client, upstream } = await translatedGateway(dialect, [{ say: { text: ['Four ', 'words.'] } }]);
    const answer = await client.chat.completions.create(question);
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant', content: 'Four words.' } });
    expect(answer).toMatchObject({ model: 'm', usage: { prompt_tokens: 11, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 4 } } });
    expect(upstream.seen[0]?.headers).toMatch(new RegExp(`^${keyHeader}: k1\\r?$`, 'm'));
    expect(upstream.seen[0]?.headers).not.toMatch(/^authorization/im);
  });

  test('stream: the pieces in order, one reason, and the usage that was asked for', async () => {
    const { client } = await translatedGateway(dialect, [{ say: { text: ['Four ', 'wörds', ' 🙂.'] } }]);
    const pieces: string[] = [];
    const reasons: string[] = [];
    let tokens: number | undefined;
    for await (const chunk of await client.chat.completions.create({ ...question, stream: true, stream_options: { include_usage: true } })) {
      pieces.push(...chunk.choices.map(({ delta }) => delta.content ?? ''));
      reasons.push(...chunk.choices.flatMap(({ finish_reason: reason }) => reason ?? []));
      tokens ??= chunk.usage?.completion_tokens;
    }
    expect({ text: pieces.join(''), reasons, tokens }).toEqual({ text: 'Four wörds 🙂.', reasons: ['stop'], tokens: 9 });
  });

  test.each([false, true])('parallel tools (streamed: %s), and their results sent back', async (streamed) => {
    const { client, lastBody } = await translatedGateway(dialect, [{ say: twoCalls }, { say: { text: ['Warm.'] } }]);
    const asked = { model: question.model, messages: question.messages, tools: [weatherTool] };
    const first = streamed ? await client.chat.completions.stream(asked).finalChatCompletion() : await client.chat.completions.create(asked);
    const [choice] = first.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    const calls = choice?.message.tool_calls?.filter((call) => call.type === 'function') ?? [];
    expect(calls.map(({ id, function: made }) => [id, made.name, JSON.parse(made.arguments)])).toEqual([
      ['c1', 'weather', { city: 'Paris' }],
      ['c2', 'weather', { city: 'Rome' }],
    ]);
    const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'warm' }) as const);
    const messages = [...question.messages, { role: 'assistant', content: choice?.message.content ?? null, tool_calls: calls } as const, ...results];
    const second = await client.chat.completions.create({ ...asked, messages });
    expect(second.choices[0]?.message.content).toBe('Warm.');
    expect(JSON.stringify(lastBody())).toContain(secondResult);
  });

  test('a tool must be called where the client says so', async () => {
    const { client, lastBody } = await translatedGateway(dialect, [{ say: { calls: [{ id: 'c1', name: 'weather', args: { city: 'Paris' } }] } }]);
    const answer = await client.chat.completions.create({ ...question, tools: [weatherTool], tool_choice: 'required' });
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(JSON.stringify(lastBody())).toContain(mustCall);
  });

  test('a JSON schema goes along, and the answer can be parsed', async () => {
    const { client, lastBody } = await translatedGateway(dialect, [{ say: { text: ['{"city":', '"Paris"}'] } }]);
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const answer = await client.chat.completions.create({
      ...question,
      response_format: { type: 'json_schema', json_schema: { name: 'city', schema } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ city: 'Paris' });
    expect(JSON.stringify(lastBody())).toContain(JSON.stringify(schema));
  });

  test('thinking stands beside the content', async () => {
    const { client } = await translatedGateway(dialect, [{ say: { thinking: { text: 'Hm.', signature: 's1' }, text: ['Yes.'] } }]);
    const answer = await client.chat.completions.create(question);
    expect(answer.choices[0]?.message).toMatchObject({ content: 'Yes.', reasoning_content: 'Hm.' });
  });

  test.each([...errors])('%j is thrown as %i %s', async (doing, status, code) => {
    const { client } = await translatedGateway(dialect, [doing]);
    const error: unknown = await client.chat.completions.create(question).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ status, code });
  });

  test('thinking streams before the content, and its signature with it', async () => {
    const { client } = await translatedGateway(dialect, [{ say: { thinking: { text: 'Hm.', signature: 's1' }, text: ['Yes.'] } }]);
    const said: unknown[] = [];
    for await (const chunk of await client.chat.completions.create({ ...question, stream: true }))
      said.push(...chunk.choices.map(({ delta }) => delta));
    const joined = (name: string): string => said.map((delta) => (isRecord(delta) && typeof delta[name] === 'string' ? delta[name] : '')).join('');
    expect([joined('reasoning_content'), joined('reasoning_signature'), joined('content')]).toEqual(['Hm.', signature, 'Yes.']);
  });

  test('a stream that ends without its proof is an error and no answer', async () => {
    const { client } = await translatedGateway(dialect, [{ cut: { text: ['Four ', 'words.'] } }]);
    const read = async (): Promise<void> => {
      for await (const _ of await client.chat.completions.create({ ...question, stream: true }));
    };
    await expect(read()).rejects.toThrow(OpenAI.APIError);
  });

  test('an abort of the client’s reaches the endpoint', async () => {
    const { client, upstream } = await translatedGateway(dialect, [{ endless: { text: ['Four ', 'words ', 'more.'] } }]);
    const stream = await client.chat.completions.create({ ...question, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content !== undefined && chunk.choices[0].delta.content !== '') break;
    await expect.poll(upstream.broken).toBe(1);
  });

  test('what the dialect has no word for is refused by name', async () => {
    const { client, upstream } = await translatedGateway(dialect, [{ say: { text: ['x'] } }]);
    const error: unknown = await client.chat.completions.create({ ...question, logprobs: true }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 400, code: 'unsupported_value', param: 'logprobs' });
    expect(upstream.seen).toHaveLength(0);
  });
});
