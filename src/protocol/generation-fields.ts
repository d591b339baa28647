import { z } from 'zod';
import type { Fault } from '../std/error-catalogue.ts';
import type { GenerationRequest } from './inference-request.ts';
import { modelShape, modelsShape, otherModels } from './model-choice.ts';
import { providerChoice, providerShape } from './provider-choice.ts';
import { invalidField } from './request-fault.ts';
import type { RequestLimits } from './request-limits.ts';

const LOGIT_BIAS = 100;
const TOKEN_LISTS = 1024;
/** The widest that any engine takes (unsigned 64 bits); OpenAI documents signed ones. */
const SEED = 2 ** 64;

const count = z.int().min(0).nullish();
const flag = z.boolean().nullish();
const number = z.number().nullish();
const tokenList = z.array(z.int().min(0)).max(TOKEN_LISTS).nullish();

/** Published fields that chat and raw completions share. `null` stands for absent, as in OpenAI's API. */
const publishedShape = {
  model: modelShape,
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string(), z.number().min(-LOGIT_BIAS).max(LOGIT_BIAS)).nullish(),
  max_tokens: count,
  n: z.int().min(1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  // Not `z.int()`, which refuses what a double cannot hold: the bytes go on as they came (fault 75).
  seed: z.number().min(-SEED).max(SEED).refine(Number.isInteger, 'expected an integer').nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  stream: flag,
  stream_options: z.object({ include_usage: flag, include_obfuscation: flag }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  user: z.string().nullish(),
};

/** Extensions whose meaning the gateway uses, or whose wrong type is known to upset an engine. */
const extensionShape = {
  models: modelsShape,
  provider: providerShape,
  add_generation_prompt: flag,
  add_special_tokens: flag,
  allowed_token_ids: tokenList,
  continue_final_message: flag,
  ignore_eos: flag,
  include_stop_str_in_output: flag,
  min_p: z.number().min(0).max(1).nullish(),
  min_tokens: count,
  repetition_penalty: number,
  return_token_ids: flag,
  skip_special_tokens: flag,
  spaces_between_special_tokens: flag,
  stop_token_ids: tokenList,
  top_k: z.int().min(-1).nullish(),
  truncate_prompt_tokens: z.int().min(-1).nullish(),
};

export const publishedGenerationFields: readonly string[] = Object.keys(publishedShape);
export const generationShape = { ...publishedShape, ...extensionShape };

const generationSchema = z.object(generationShape);
type GenerationBody = z.infer<typeof generationSchema>;

/** Caps that stand in the limits rather than in the published API (S17). */
export function checkGeneration(body: GenerationBody, limits: RequestLimits): Fault | undefined {
  if ((body.n ?? 1) > limits.n) return invalidField(['n'], `at most ${limits.n} answers can be asked for`);
  if ((body.max_tokens ?? 0) > limits.maxTokens) return invalidField(['max_tokens'], `it may be at most ${limits.maxTokens}`);
  if (Object.keys(body.logit_bias ?? {}).length > limits.logitBiases) {
    return invalidField(['logit_bias'], `it may have at most ${limits.logitBiases} tokens`);
  }
  if (body.stream_options != null && body.stream !== true) {
    return invalidField(['stream_options'], 'it is only allowed where `stream` is true');
  }
  return checkStop(body.stop ?? [], limits);
}

function checkStop(stop: string | readonly string[], limits: RequestLimits): Fault | undefined {
  const problem = `a stop sequence may have at most ${limits.stopCharacters} characters`;
  if (typeof stop === 'string') return stop.length > limits.stopCharacters ? invalidField(['stop'], problem) : undefined;
  if (stop.length > limits.stopSequences) return invalidField(['stop'], `at most ${limits.stopSequences} stop sequences can be given`);
  const long = stop.findIndex((sequence) => sequence.length > limits.stopCharacters);
  return long < 0 ? undefined : invalidField(['stop', long], problem);
}

type GenerationFacts = Omit<GenerationRequest, 'bytes' | 'scanned' | 'unknownFields' | 'extensionFields' | 'maxTokens' | 'logprobs'>;

/** What the gateway reads from the shared fields; `null` and absence become the documented default. */
export function generationFacts(body: GenerationBody): GenerationFacts {
  const stop = typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []);
  return {
    model: body.model,
    otherModels: otherModels(body.model, body.models),
    provider: providerChoice(body.provider),
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
    n: body.n ?? 1,
    seed: Number.isSafeInteger(body.seed) ? (body.seed ?? undefined) : undefined,
    // An empty sequence stops nothing, and would be found everywhere by a search for it.
    stop: stop.filter((sequence) => sequence !== ''),
    temperature: body.temperature ?? undefined,
    sampling: body.temperature === 0 || body.top_k === 1 ? 'greedy' : 'sampled',
    wantsTokenIds: body.return_token_ids ?? false,
  };
}
