import Anthropic from '@anthropic-ai/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { gatewayOver } from '../support/started.ts';
import { chunk, jsonResponse, lastChunk, startScriptedUpstream, streamHead, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { messagesEvents, messageWhole, type SaidAnswer } from '../support/dialect-scripts.ts';
import { profileNamed } from '../../src/protocol/profiles/profile-named.ts';

/** Anthropic's SDK before the gateway before an endpoint that speaks Anthropic's own dialect. */
async function bothSides(said: SaidAnswer): Promise<{ client: Anthropic; upstream: ScriptedUpstream; sent: () => Record<string, unknown> }> {
  const upstream = await startScriptedUpstream(({ body }) => {
    if (!body.includes('"stream":true')) return { pieces: [jsonResponse(200, messageWhole(said))], end: 'keep' };
    return { pieces: [streamHead, ...messagesEvents(said).map(chunk), lastChunk], end: 'keep' };
  });
  onTestFinished(upstream.stop);
  const { extensions } = profileNamed('anthropic');
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, key: 'k1', dialect: 'anthropic', profile: 'anthropic', extensions }]);
  return {
    client: new Anthropic({ baseURL: gate.url, apiKey: 'a-key', maxRetries: 0 }),
    upstream,
    sent: () => JSON.parse(upstream.seen.at(-1)?.body ?? '{}'),
  };
}

const hint = { cache_control: { type: 'ephemeral' } } as const;
const asked: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'm',
  max_tokens: 2048,
  system: [{ type: 'text', text: 'Be brief.', ...hint }],
  thinking: { type: 'enabled', budget_tokens: 1024 },
  tools: [{ name: 'weather', description: 'd', input_schema: { type: 'object', properties: { city: { type: 'string' } } }, ...hint }],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'hello', ...hint }] },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 's0' },
        { type: 'tool_use', id: 'c0', name: 'weather', input: { city: 'Oslo' } },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c0', content: [{ type: 'text', text: 'cold' }] }] },
  ],
};

test('hints, thinking with its signature and results reach the endpoint as the client said them', async () => {
  const { client, sent } = await bothSides({ text: ['Yes.'] });
  await client.messages.create(asked);
  expect(sent()).toEqual({ ...asked, model: 'up' });
});

const said: SaidAnswer = {
  thinking: { text: 'Hm, again.', signature: 's1' },
  text: ['Let me', ' see.'],
  calls: [
    { id: 'c1', name: 'weather', args: { city: 'Paris' } },
    { id: 'c2', name: 'weather', args: {} },
  ],
};
const content = [
  { type: 'thinking', thinking: 'Hm, again.', signature: 's1' },
  { type: 'text', text: 'Let me see.' },
  { type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Paris' } },
  { type: 'tool_use', id: 'c2', name: 'weather', input: {} },
];
const usage = { input_tokens: 5, cache_creation_input_tokens: 2, cache_read_input_tokens: 4, output_tokens: 9 };

test.each([false, true])('thinking with its signature, text, calls and cached tokens come back (streamed: %s)', async (streamed) => {
  const { client } = await bothSides(said);
  const message = streamed ? await client.messages.stream(asked).finalMessage() : await client.messages.create(asked);
  expect(message.content).toMatchObject(content);
  expect(message).toMatchObject({ role: 'assistant', model: 'm', stop_reason: 'tool_use', usage });
});
