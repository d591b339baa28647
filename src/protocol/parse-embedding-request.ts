import { z } from 'zod';
import type { Fault } from '../std/error-catalogue.ts';
import { failure, success } from '../std/result.ts';
import type { Result } from '../std/result.ts';
import { findRefusedField } from './find-refused-field.ts';
import { findStrayField } from './find-stray-field.ts';
import { modelShape, modelsShape, otherModels, withModel } from './model-choice.ts';
import { providerChoice, providerShape } from './provider-choice.ts';
import type { InferenceRequest } from './inference-request.ts';
import { isTokenList } from './is-token-list.ts';
import { readJsonObject } from './read-json-object.ts';
import { faultOfIssues, invalidField } from './request-fault.ts';
import { defaultRequestLimits } from './request-limits.ts';
import type { RequestLimits } from './request-limits.ts';
import { sortFields } from './sort-fields.ts';

export interface EmbeddingInput {
  /** How many texts or token lists are to be embedded. */
  readonly inputs: number;
  /** Characters (UTF-16 units) of the texts; 0 for token lists. */
  readonly inputCharacters: number;
  /** Tokens of the token lists; 0 for texts. */
  readonly inputTokens: number;
}

export interface EmbeddingRequest extends InferenceRequest, EmbeddingInput {
  readonly kind: 'embedding';
  readonly encodingFormat: 'float' | 'base64';
  readonly dimensions: number | undefined;
}

const publishedShape = {
  dimensions: z.int().min(1).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  input: z.unknown().optional(),
  model: modelShape,
  user: z.string().nullish(),
};

const embeddingShape = z.object({
  ...publishedShape,
  models: modelsShape,
  provider: providerShape,
  truncate_prompt_tokens: z.int().min(-1).nullish(),
});

const publishedEmbeddingFields: ReadonlySet<string> = new Set(Object.keys(publishedShape));

/** A body of `POST /v1/embeddings`, judged as `parseChatRequest` judges. */
export function parseEmbeddingRequest(bytes: Uint8Array, limits: RequestLimits = defaultRequestLimits): Result<EmbeddingRequest, Fault> {
  const read = readJsonObject(bytes, limits.scan);
  if (!read.ok) return read;
  const { scanned } = read.value;
  const json = withModel(read.value.body);
  const refused = findRefusedField(json) ?? findStrayField(json, embeddingShape.shape);
  if (refused !== undefined) return failure(refused);
  const parsed = embeddingShape.safeParse(json);
  if (!parsed.success) return failure(faultOfIssues(parsed.error));
  const input = readInput(parsed.data.input, limits);
  if (!input.ok) return input;
  return success({
    ...input.value,
    ...sortFields(scanned.members.keys(), publishedEmbeddingFields),
    kind: 'embedding',
    bytes,
    scanned,
    model: parsed.data.model,
    otherModels: otherModels(parsed.data.model, parsed.data.models),
    provider: providerChoice(parsed.data.provider),
    encodingFormat: parsed.data.encoding_format ?? 'float',
    dimensions: parsed.data.dimensions ?? undefined,
  });
}

function readInput(input: unknown, limits: RequestLimits): Result<EmbeddingInput, Fault> {
  if (typeof input === 'string') return success({ inputs: 1, inputCharacters: input.length, inputTokens: 0 });
  if (isTokenList(input)) return success({ inputs: 1, inputCharacters: 0, inputTokens: input.length });
  if (!Array.isArray(input) || input.length === 0) {
    return failure(invalidField(['input'], 'expected a string or an array that is not empty'));
  }
  if (input.length > limits.embeddingInputs) {
    return failure(invalidField(['input'], `at most ${limits.embeddingInputs} inputs can be given`));
  }
  let inputCharacters = 0;
  let inputTokens = 0;
  const kind = typeof input[0];
  for (const [index, item] of input.entries()) {
    if (typeof item !== kind || !(typeof item === 'string' || isTokenList(item))) {
      return failure(invalidField(['input', index], 'expected a string, or an array of token ids, like the inputs before it'));
    }
    if (typeof item === 'string') inputCharacters += item.length;
    else inputTokens += item.length;
  }
  return success({ inputs: input.length, inputCharacters, inputTokens });
}
