import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isUsualChat } from './usual-chat.ts';
import { judgeChatBody } from './parse-chat-request.ts';
import type { JsonObject } from './read-json-object.ts';

const text = fc.constantFrom('', 'a', 'm', 'x'.repeat(256), 'x'.repeat(257));
const number = fc.constantFrom(-3, -2, -0.5, 0, 1, 1.5, 2, 2.1, 1e9, 2 ** 53, Number.MAX_VALUE);
const anything = fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.constant([]), fc.constant({}));
const message = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: text }),
  fc.record(
    { role: fc.constantFrom('system', 'user', 'assistant', 'developer', 'tool', 'constructor'), content: anything, name: text, base_url: text },
    { requiredKeys: [] },
  ),
);
const usualMessage = fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: text });
const anyMember = fc.oneof(
  fc.tuple(
    fc.constantFrom('frequency_penalty', 'max_completion_tokens', 'max_tokens', 'n', 'presence_penalty', 'temperature', 'top_p'),
    fc.oneof(number, anything),
  ),
  fc.tuple(fc.constantFrom('model', 'stop', 'stream', 'user', 'api_base', 'grammar', 'constructor', 'messages'), anything),
  fc.tuple(
    fc.constant('stream_options'),
    fc.oneof(fc.record({ include_usage: fc.boolean() }), fc.record({ include_usage: anything, api_base: text }), anything),
  ),
  fc.tuple(fc.constant('messages'), fc.array(message, { maxLength: 3 })),
);
const anyBody = fc
  .record({ messages: fc.array(usualMessage, { minLength: 1, maxLength: 3 }), members: fc.array(anyMember, { maxLength: 4 }) })
  .map(({ messages, members }) => ({ model: 'm', messages, ...Object.fromEntries(members) }));

it('what is known as usual passes every question of the whole schema, unchanged', () => {
  let usual = 0;
  fc.assert(
    fc.property(anyBody, (given) => {
      const body: JsonObject = JSON.parse(JSON.stringify(given));
      if (!isUsualChat(body)) return;
      usual += 1;
      expect(judgeChatBody(body)).toEqual({ ok: true, value: body });
    }),
    { numRuns: 5000 },
  );
  expect(usual).toBeGreaterThan(100);
});

it('the usual chat is known, and one with anything more is not', () => {
  const body = { model: 'm', messages: [{ role: 'user', content: 'Hello' }], stream: true, temperature: 0.7, max_tokens: 20 };
  expect(isUsualChat(body)).toBe(true);
  for (const more of [{ tools: [] }, { stop: ['a'] }, { user: null }, { unknown: 1 }, { top_p: 2 }, { messages: [] }]) {
    expect(isUsualChat({ ...body, ...more })).toBe(false);
  }
});
