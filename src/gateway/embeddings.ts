import type { RouteHandler } from './route.ts';
import { parseEmbeddingRequest } from '../protocol/parse-embedding-request.ts';
import { receive } from './receive.ts';
import { serveAnswer } from './serve-answer.ts';
import { estimateTokens, toRelayRequest } from './to-relay-request.ts';

/** An embedding has one result and no sampling: the fields of generation take the values that mean nothing special. */
const noGeneration = {
  stream: false,
  includeUsage: false,
  n: 1,
  maxTokens: 0,
  seed: undefined,
  sampling: 'greedy',
  logprobs: false,
  stop: [],
  wantsTokenIds: false,
} as const;

/** POST /v1/embeddings. */
export const embeddings: RouteHandler = async (context, incoming, response, { caller }) => {
  const parsed = await receive(context, incoming, response, parseEmbeddingRequest);
  if (parsed === undefined) return;
  const estimatedInputTokens = parsed.inputTokens + estimateTokens(parsed.inputCharacters);
  const request = toRelayRequest(
    context,
    'embeddings',
    caller,
    { ...parsed, ...noGeneration },
    { hasTools: false, responseFormat: 'text', framed: true, prefilled: false, estimatedInputTokens },
  );
  await serveAnswer(context, incoming, response, request);
};
