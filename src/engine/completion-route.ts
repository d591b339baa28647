import type { ServerResponse } from 'node:http';
import { completionShape } from './completion-shape.ts';
import { answerLimit, answerMeta, promptTokens, requireModel, type EngineCore } from './engine-core.ts';
import { EngineFailure, engineErrors } from './engine-error.ts';
import { readSampling, readStops } from './read-sampling.ts';
import { completionRequest, parseRequest } from './request-schema.ts';
import { writeAnswer } from './write-answer.ts';

export function answerCompletion(core: EngineCore, body: string, response: ServerResponse): void {
  const request = parseRequest(completionRequest, body);
  requireModel(core, request.model);
  const tokens = typeof request.prompt === 'string' ? promptTokens(core, request.prompt) : request.prompt;
  const wrong = tokens.find((token) => token >= core.model.vocabularySize);
  if (wrong !== undefined) {
    throw new EngineFailure(engineErrors.invalidField('prompt', `prompt: the model has no token ${wrong}.`));
  }
  const original = request.x_second_source_prompt_tokens ?? tokens.length;
  if (original > tokens.length) {
    const field = 'x_second_source_prompt_tokens';
    throw new EngineFailure(engineErrors.invalidField(field, `${field}: the prompt has ${tokens.length} tokens only.`));
  }
  const maxTokens = answerLimit(core, tokens.length, request.max_tokens ?? 16);
  const logprobs = request.logprobs ?? undefined;
  const sampling = readSampling(request, logprobs, undefined, core.model, core.random);
  const meta = answerMeta(core, 'cmpl-', {
    promptTokenIds: tokens,
    returnTokenIds: request.return_token_ids === true,
    logprobs: logprobs !== undefined,
    seed: sampling.seed,
  });
  writeAnswer(
    core.loop,
    { tokens, promptTokens: original, maxTokens, sampling, stops: readStops(request.stop) },
    completionShape(meta, core.model.bytesOf),
    response,
    { stream: request.stream === true, includeUsage: request.stream_options?.include_usage === true },
  );
}
