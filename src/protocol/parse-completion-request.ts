import { z } from 'zod';
import type { Fault } from '../std/error-catalogue.ts';
import { failure, success } from '../std/result.ts';
import type { Result } from '../std/result.ts';
import { checkJsonSchema } from './check-json-schema.ts';
import { findRefusedField } from './find-refused-field.ts';
import { findStrayField } from './find-stray-field.ts';
import { checkGeneration, generationFacts, generationShape, publishedGenerationFields } from './generation-fields.ts';
import type { GenerationRequest } from './inference-request.ts';
import { withModel } from './model-choice.ts';
import { readJsonObject } from './read-json-object.ts';
import { faultOfIssues, invalidField } from './request-fault.ts';
import { defaultRequestLimits } from './request-limits.ts';
import type { RequestLimits } from './request-limits.ts';
import { sortFields } from './sort-fields.ts';
import { isTokenList } from './is-token-list.ts';

export type CompletionPrompt = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'tokens'; readonly tokens: readonly number[] };

export interface CompletionRequest extends GenerationRequest {
  readonly kind: 'completion';
  readonly prompt: CompletionPrompt;
  /** Whether the answer begins with the prompt. */
  readonly echo: boolean;
  readonly hasSuffix: boolean;
}

const publishedShape = {
  best_of: z.int().min(0).nullish(),
  echo: z.boolean().nullish(),
  logprobs: z.int().min(0).nullish(),
  prompt: z.unknown().optional(),
  suffix: z.string().nullish(),
};

const completionShape = z.object({
  ...generationShape,
  ...publishedShape,
  guided_json: z.unknown().optional(),
  response_format: z.unknown().optional(),
  structured_outputs: z.unknown().optional(),
});

const publishedCompletionFields: ReadonlySet<string> = new Set([...publishedGenerationFields, ...Object.keys(publishedShape)]);

/** A body of `POST /v1/completions`, judged as `parseChatRequest` judges; one prompt, as text or as token ids. */
export function parseCompletionRequest(bytes: Uint8Array, limits: RequestLimits = defaultRequestLimits): Result<CompletionRequest, Fault> {
  const read = readJsonObject(bytes, limits.scan);
  if (!read.ok) return read;
  const { scanned } = read.value;
  const json = withModel(read.value.body);
  const refused = findRefusedField(json) ?? findStrayField(json, completionShape.shape);
  if (refused !== undefined) return failure(refused);
  const parsed = completionShape.safeParse(json);
  if (!parsed.success) return failure(faultOfIssues(parsed.error));
  const body = parsed.data;
  const prompt = readPrompt(body.prompt);
  if (!prompt.ok) return prompt;
  const fault =
    checkGeneration(body, limits) ??
    ((body.logprobs ?? 0) > limits.logprobs ? invalidField(['logprobs'], `it may be at most ${limits.logprobs}`) : undefined) ??
    checkJsonSchema(body.guided_json, ['guided_json'], limits) ??
    checkJsonSchema(body.structured_outputs, ['structured_outputs'], limits) ??
    // Not published here, and vLLM knows it: its schema stands two levels inside.
    checkJsonSchema(body.response_format, ['response_format'], { ...limits, schemaDepth: limits.schemaDepth + 2 });
  if (fault !== undefined) return failure(fault);
  return success({
    ...generationFacts(body),
    ...sortFields(scanned.members.keys(), publishedCompletionFields),
    kind: 'completion',
    bytes,
    scanned,
    prompt: prompt.value,
    maxTokens: body.max_tokens ?? undefined,
    // Zero asks for the log-probability of the chosen token alone.
    logprobs: body.logprobs != null,
    echo: body.echo ?? false,
    hasSuffix: (body.suffix ?? '') !== '',
  });
}

function readPrompt(prompt: unknown): Result<CompletionPrompt, Fault> {
  if (typeof prompt === 'string') return success({ kind: 'text', text: prompt });
  if (isTokenList(prompt)) return success({ kind: 'tokens', tokens: prompt });
  if (!Array.isArray(prompt) || prompt.length === 0) {
    return failure(invalidField(['prompt'], 'expected a string, or an array of token ids that is not empty'));
  }
  const [only]: readonly unknown[] = prompt;
  if (prompt.length > 1 && (typeof only === 'string' || Array.isArray(only))) {
    return failure(invalidField(['prompt'], 'one request may hold one prompt; send several requests instead'));
  }
  if (typeof only === 'string') return success({ kind: 'text', text: only });
  if (isTokenList(only)) return success({ kind: 'tokens', tokens: only });
  return failure(invalidField(['prompt'], 'expected a string or an array of token ids (integers from 0 on)'));
}
