import type { ServerResponse } from 'node:http';
import { answerGrammar } from './answer-grammar.ts';
import { chatShape } from './chat-shape.ts';
import { answerLimit, answerMeta, promptTokens, requireModel, type EngineCore } from './engine-core.ts';
import { EngineFailure, engineErrors } from './engine-error.ts';
import type { AddonGrammar } from './native-bindings.ts';
import { readSampling, readStops } from './read-sampling.ts';
import { renderChat } from './render-chat.ts';
import { chatRequest, parseRequest } from './request-schema.ts';
import { toolCallOpening } from './tool-call-parser.ts';
import { writeAnswer } from './write-answer.ts';

export function answerChat(core: EngineCore, body: string, response: ServerResponse): void {
  const request = parseRequest(chatRequest, body);
  requireModel(core, request.model);
  const tools = request.tool_choice === 'none' ? [] : (request.tools ?? []);
  const gbnf = answerGrammar(request, tools);
  const tokens = promptTokens(core, renderChat(core.model, request, tools));
  const maxTokens = answerLimit(core, tokens.length, request.max_completion_tokens ?? request.max_tokens);
  if (typeof request.top_logprobs === 'number' && request.logprobs !== true) {
    throw new EngineFailure(engineErrors.invalidField('top_logprobs', 'top_logprobs: needs `logprobs: true`.'));
  }
  const logprobs = request.logprobs === true ? (request.top_logprobs ?? 0) : undefined;
  const grammar = gbnf === undefined ? undefined : compiled(core, gbnf);
  const sampling = readSampling(request, logprobs, grammar, core.model, core.random);
  const meta = answerMeta(core, 'chatcmpl-', {
    promptTokenIds: tokens,
    returnTokenIds: request.return_token_ids === true,
    logprobs: request.logprobs === true,
    seed: sampling.seed,
  });
  writeAnswer(
    core.loop,
    {
      tokens,
      promptTokens: tokens.length,
      maxTokens,
      sampling,
      stops: readStops(request.stop),
      ...(tools.length > 0 ? { marker: toolCallOpening } : {}),
    },
    chatShape(meta, core.model.bytesOf),
    response,
    { stream: request.stream === true, includeUsage: request.stream_options?.include_usage === true },
  );
}

function compiled(core: EngineCore, gbnf: string): AddonGrammar {
  try {
    return core.model.grammarFor(gbnf);
  } catch {
    throw new EngineFailure(engineErrors.unsupported('response_format', 'This schema makes a grammar that the engine cannot read.'));
  }
}
