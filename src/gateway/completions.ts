import type { RouteHandler } from './route.ts';
import { parseCompletionRequest } from '../protocol/parse-completion-request.ts';
import { readBody } from './read-body.ts';
import { sendFault } from './respond.ts';
import { serveAnswer } from './serve-answer.ts';
import { estimateTokens, toRelayRequest } from './to-relay-request.ts';

/** POST /v1/completions, with a prompt as text or as token ids. */
export const completions: RouteHandler = async (context, incoming, response, { tenant }) => {
  const body = await readBody(incoming, context.requestBodyBytes);
  if (!body.ok) return sendFault(response, body.failure);
  const parsed = parseCompletionRequest(body.value, context.requestLimits);
  if (!parsed.ok) return sendFault(response, parsed.failure);
  const { prompt, echo, hasSuffix } = parsed.value;
  const estimatedInputTokens = prompt.kind === 'tokens' ? prompt.tokens.length : estimateTokens(prompt.text.length);
  const request = toRelayRequest(context, 'completions', tenant, parsed.value, { hasTools: false, responseFormat: 'text', framed: echo || hasSuffix, estimatedInputTokens });
  await serveAnswer(context, incoming, response, request);
};
