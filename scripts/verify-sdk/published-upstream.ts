import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';

export interface PublishedUpstream {
  readonly origin: string;
  readonly stop: () => Promise<void>;
}

const identity = { created: 1_700_000_000, model: 'published' };
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

/** An endpoint that answers every request at once, in the shape that the published API gives to answers. */
export async function startPublishedUpstream(): Promise<PublishedUpstream> {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    origin: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const asked: { stream?: boolean; n?: number; logprobs?: unknown } = JSON.parse(Buffer.concat(parts).toString('utf8') || '{}');
  const path = request.url ?? '';
  if (path.endsWith('/embeddings')) return sendJson(response, embedding());
  const chat = path.endsWith('/chat/completions');
  if (asked.stream === true) return sendStream(response, chat);
  sendJson(response, chat ? chatAnswer(asked.n ?? 1) : completion(asked.n ?? 1));
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function sendStream(response: ServerResponse, chat: boolean): void {
  const object = chat ? 'chat.completion.chunk' : 'text_completion';
  const chunk = (said: object, reason: string | null): object => ({
    id: 'published-1',
    object,
    ...identity,
    choices: [{ index: 0, ...said, logprobs: null, finish_reason: reason }],
  });
  const chunks = chat
    ? [chunk({ delta: { role: 'assistant', content: 'a' } }, null), chunk({ delta: { content: ' b' } }, null), chunk({ delta: {} }, 'stop')]
    : [chunk({ text: 'a b' }, null), chunk({ text: '' }, 'stop')];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const each of [...chunks, { id: 'published-1', object, ...identity, choices: [], usage }]) response.write(`data: ${JSON.stringify(each)}\n\n`);
  response.end('data: [DONE]\n\n');
}

function chatAnswer(n: number): object {
  const message = { role: 'assistant', content: 'a b', refusal: null };
  const choices = Array.from({ length: n }, (_, index) => ({ index, message, logprobs: null, finish_reason: 'stop' }));
  return { id: 'published-1', object: 'chat.completion', ...identity, choices, usage };
}

function completion(n: number): object {
  const choices = Array.from({ length: n }, (_, index) => ({ index, text: 'a b', logprobs: null, finish_reason: 'stop' }));
  return { id: 'published-1', object: 'text_completion', ...identity, choices, usage };
}

function embedding(): object {
  const data = [{ object: 'embedding', index: 0, embedding: [0.6, 0.8] }];
  return { object: 'list', model: identity.model, data, usage: { prompt_tokens: 3, total_tokens: 3 } };
}
