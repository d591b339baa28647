import type { RouteHandler } from './route.ts';
import { parseCompletionRequest } from '../protocol/parse-completion-request.ts';
import { receive } from './receive.ts';
import { serveAnswer } from './serve-answer.ts';
import { estimateTokens, toRelayRequest } from './to-relay-request.ts';

/** POST /v1/completions, with a prompt as text or as token ids. */
export const completions: RouteHandler = async (context, incoming, response, { caller }) => {
  const parsed = await receive(context, incoming, response, parseCompletionRequest);
  if (parsed === undefined) return;
  const { prompt, echo, hasSuffix } = parsed;
  const estimatedInputTokens = prompt.kind === 'tokens' ? prompt.tokens.length : estimateTokens(prompt.text.length);
  const request = toRelayRequest(context, 'completions', caller, parsed, {
    hasTools: false,
    responseFormat: 'text',
    framed: echo || hasSuffix,
    prefilled: false,
    estimatedInputTokens,
  });
  await serveAnswer(context, incoming, response, request);
};
