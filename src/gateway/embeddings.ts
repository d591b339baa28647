import type { RouteHandler } from './route.ts';
import { parseEmbeddingRequest } from '../protocol/parse-embedding-request.ts';
import { readBody } from './read-body.ts';
import { sendFault } from './respond.ts';
import { serveAnswer } from './serve-answer.ts';
import { estimateTokens, toRelayRequest } from './to-relay-request.ts';

/** POST /v1/embeddings. */
export const embeddings: RouteHandler = async (context, incoming, response, { tenant }) => {
  const body = await readBody(incoming, context.requestBodyBytes);
  if (!body.ok) return sendFault(response, body.failure);
  const parsed = parseEmbeddingRequest(body.value, context.requestLimits);
  if (!parsed.ok) return sendFault(response, parsed.failure);
  const { inputCharacters, inputTokens } = parsed.value;
  // An embedding has one result and no sampling: the fields of generation take the values that mean nothing special.
  const generation = { ...parsed.value, stream: false, includeUsage: false, n: 1, maxTokens: 0, seed: undefined, sampling: 'greedy' as const, logprobs: false, wantsTokenIds: false };
  const request = toRelayRequest(context, 'embeddings', tenant, generation, { hasTools: false, responseFormat: 'text', framed: true, estimatedInputTokens: inputTokens + estimateTokens(inputCharacters) });
  await serveAnswer(context, incoming, response, request);
};
