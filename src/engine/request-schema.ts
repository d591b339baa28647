import { z } from 'zod';
import { EngineFailure, engineErrors } from './engine-error.ts';

/* Unknown fields are ignored, as vLLM and llama.cpp do: the gateway decides which extensions pass. */

const tokenIds = z.array(z.int().min(0)).min(1);

const shared = {
  model: z.string(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string().regex(/^\d+$/u), z.number().min(-100).max(100)).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  max_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).nullish(),
  return_token_ids: z.boolean().nullish(),
  /** vLLM's and llama.cpp's extension: the answer goes on to its limit. */
  ignore_eos: z.boolean().nullish(),
};

const contentPart = z.object({ type: z.string(), text: z.string().optional() });

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(contentPart)]).nullish(),
  name: z.string().nullish(),
  tool_call_id: z.string().nullish(),
  tool_calls: z
    .array(
      z.object({
        id: z.string().optional(),
        type: z.literal('function').optional(),
        function: z.object({ name: z.string(), arguments: z.string() }),
      }),
    )
    .nullish(),
});

const jsonObject = z.record(z.string(), z.unknown());

const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().regex(/^[a-zA-Z0-9_.-]{1,64}$/u),
    description: z.string().nullish(),
    parameters: jsonObject.nullish(),
    strict: z.boolean().nullish(),
  }),
});

export const chatRequest = z.object({
  ...shared,
  messages: z.array(message).min(1),
  max_completion_tokens: z.int().min(1).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({ type: z.literal('json_schema'), json_schema: z.object({ name: z.string(), schema: jsonObject }) }),
    ])
    .nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: z
    .union([z.enum(['auto', 'none', 'required']), z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) })])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  add_generation_prompt: z.boolean().nullish(),
  continue_final_message: z.boolean().nullish(),
});

export const completionRequest = z.object({
  ...shared,
  prompt: z.union([z.string().min(1), tokenIds]),
  logprobs: z.int().min(0).max(20).nullish(),
  echo: z.literal(false).nullish(),
  suffix: z.null().optional(),
  best_of: z.literal(1).nullish(),
  /** How many of the prompt's ids are the original prompt, where the rest is the beginning of its answer. */
  x_second_source_prompt_tokens: z.int().min(1).nullish(),
});

export const embeddingRequest = z.object({
  model: z.string(),
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2048), tokenIds, z.array(tokenIds).min(1).max(2048)]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().min(1).nullish(),
});

export type ChatRequest = z.infer<typeof chatRequest>;
export type ChatMessage = z.infer<typeof message>;
export type ChatTool = z.infer<typeof tool>;
export type CompletionRequest = z.infer<typeof completionRequest>;
export type EmbeddingRequest = z.infer<typeof embeddingRequest>;

/** Parses a body, or throws the 400 that names the first wrong field. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, body: string): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new EngineFailure(engineErrors.invalidJson());
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue === undefined || issue.path.length === 0 ? null : issue.path.map(String).join('.');
  throw new EngineFailure(engineErrors.invalidField(path, `${path ?? 'body'}: ${issue?.message ?? 'invalid'}`));
}
