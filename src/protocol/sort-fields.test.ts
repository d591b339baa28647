import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseChatRequest } from './parse-chat-request.ts';
import { parseCompletionRequest } from './parse-completion-request.ts';
import { parseEmbeddingRequest } from './parse-embedding-request.ts';

const names = z.array(z.string()).min(5);
const published = z
  .object({ chat: names, completion: names, embedding: names })
  .parse(JSON.parse(readFileSync(new URL('../../test/fixtures/openai-request-fields.json', import.meta.url), 'utf8')));

const routes = {
  chat: { parse: parseChatRequest, least: { model: 'm', messages: [{ role: 'user', content: 'x' }] } },
  completion: { parse: parseCompletionRequest, least: { model: 'm', prompt: 'x' } },
  embedding: { parse: parseEmbeddingRequest, least: { model: 'm', input: 'x' } },
};

test.each(['chat', 'completion', 'embedding'] as const)('every published field of the %s route is neither unknown nor an extension', (route) => {
  const { parse, least } = routes[route];
  const body = { ...Object.fromEntries(published[route].map((name) => [name, null])), ...least };
  const parsed = parse(new TextEncoder().encode(JSON.stringify(body)));
  expect(parsed).toMatchObject({ ok: true, value: { unknownFields: [], extensionFields: [] } });
});
