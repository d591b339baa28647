import { EngineFailure, engineErrors } from './engine-error.ts';
import { drawSeed } from './keyed-draw.ts';
import type { LoadedModel } from './load-model.ts';
import type { AddonGrammar } from './native-bindings.ts';
import type { ChatRequest, CompletionRequest } from './request-schema.ts';
import type { Sampling } from './sampling.ts';

type Shared = Pick<
  CompletionRequest & ChatRequest,
  'ignore_eos' | 'temperature' | 'top_p' | 'top_k' | 'min_p' | 'seed' | 'frequency_penalty' | 'presence_penalty' | 'logit_bias' | 'n' | 'stop'
>;

/** What a request says about picking tokens; where it is silent the model's own recommendation, else OpenAI's defaults. */
export function readSampling(
  request: Shared,
  topLogprobs: number | undefined,
  grammar: AddonGrammar | undefined,
  model: Pick<LoadedModel, 'vocabularySize' | 'endTokens' | 'sampling'>,
  random: () => number,
): Sampling {
  if ((request.n ?? 1) > 1) throw new EngineFailure(engineErrors.unsupported('n', 'This engine answers with n = 1 only.'));
  return {
    temperature: request.temperature ?? model.sampling.temperature ?? 1,
    topP: request.top_p ?? model.sampling.topP ?? 1,
    topK: Math.max(request.top_k ?? model.sampling.topK ?? 0, 0),
    minP: request.min_p ?? model.sampling.minP ?? 0,
    seed: request.seed ?? drawSeed(random),
    frequencyPenalty: request.frequency_penalty ?? 0,
    presencePenalty: request.presence_penalty ?? 0,
    bias: [...readBias(request.logit_bias, model.vocabularySize), ...(request.ignore_eos === true ? bans(model.endTokens()) : [])],
    topLogprobs,
    grammar,
  };
}

export function readStops(stop: Shared['stop']): string[] {
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  return stops.filter((text) => text !== '');
}

function readBias(bias: Shared['logit_bias'], vocabularySize: number): [number, number][] {
  return Object.entries(bias ?? {}).map(([token, value]) => {
    const id = Number(token);
    if (id < vocabularySize) return [id, value];
    throw new EngineFailure(engineErrors.invalidField('logit_bias', `logit_bias: the model has no token ${token}.`));
  });
}

function bans(tokens: readonly number[]): [number, number][] {
  return tokens.map((token) => [token, Number.NEGATIVE_INFINITY]);
}
